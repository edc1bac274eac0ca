using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>write(2) through the page cache (mm/filemap.c, generic_perform_write; fs/buffer.c, block_write_begin, 6.1).</summary>
internal static class BufferedWrites
{
    private const int PageSize = (int)QueueLimits.PAGE_SIZE;

    /// <summary>generic_perform_write. The bytes lie within the device.</summary>
    public static async ValueTask<IoResult> WriteAsync(AddressSpace space, ulong offset, ReadOnlyMemory<byte> data)
    {
        int done = 0;
        var spare = default(Spare);
        while (done < data.Length)
        {
            ulong index = (offset + (ulong)done) / PageSize;
            int from = (int)((offset + (ulong)done) % PageSize);
            int to = Math.Min(PageSize, from + data.Length - done);
            var page = space.Find(index) ?? AddPage(space, index, data.Length - done + from, ref spare);
            await space.WaitUntilUnlockedAsync(page);
            if (page.IsDropped)
                continue;
            if ((from | to) % (int)space.BlockSize != 0 && !page.IsUptodate && !await CompleteEdgesAsync(space, page, from, to))
                return done > 0 ? IoResult.Ok(done) : IoResult.Failed(Errno.EIO);
            data.Span.Slice(done, to - from).CopyTo(page.Bytes.Span[from..]);
            Commit(space, page, from, to);
            done += to - from;
            await space.Kernel.Flusher.BalanceAsync(space);
        }
        return IoResult.Ok(done);
    }

    /// <summary>New pages that follow each other share their memory, so that they go out in one piece.</summary>
    private static CachedPage AddPage(AddressSpace space, ulong index, int bytesLeft, ref Spare spare)
    {
        if (spare.Pages == 0)
        {
            int pages = (Math.Min(bytesLeft, PageMemory.UsualPages * PageSize) + PageSize - 1) / PageSize;
            spare = new Spare(new PageMemory(pages), 0, pages);
        }
        var page = space.Add(index, spare.Memory!.Bytes(spare.Next), spare.Memory);
        spare = spare with { Next = spare.Next + 1, Pages = spare.Pages - 1 };
        return page;
    }

    /// <summary>Memory for pages to come: from which of it on, and how many.</summary>
    private readonly record struct Spare(PageMemory? Memory, int Next, int Pages);

    /// <summary>__block_write_begin: of a buffer that is written in part the rest is read first. False when that fails.</summary>
    private static async ValueTask<bool> CompleteEdgesAsync(AddressSpace space, CachedPage page, int from, int to)
    {
        int size = (int)space.BlockSize;
        var missing = new List<int>();
        if (from % size != 0)
            missing.Add(from / size);
        if (to % size != 0 && (missing.Count == 0 || to / size != missing[0]))
            missing.Add(to / size);
        missing.RemoveAll(buffer => (page.UptodateBuffers & (1 << buffer)) != 0);
        page.HasReadError = false;
        // It may leave the cache while it is read.
        page.Memory?.Keep();
        await BufferedReads.ReadAsync(space, page, missing, logs: false);
        return !page.HasReadError;
    }

    /// <summary>__block_commit_write.</summary>
    private static void Commit(AddressSpace space, CachedPage page, int from, int to)
    {
        int size = (int)space.BlockSize;
        byte all = space.AllBuffers;
        byte written = (byte)(((1 << ((to + size - 1) / size)) - 1) & ~((1 << (from / size)) - 1));
        if (page.IsUptodate)
            page.UptodateBuffers = all;
        page.UptodateBuffers |= written;
        if (page.UptodateBuffers == all)
            page.IsUptodate = true;
        space.MarkDirty(page, written);
    }
}
