using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>read(2) through the page cache (mm/filemap.c, filemap_read; fs/mpage.c; fs/buffer.c, block_read_full_folio, 6.1).</summary>
internal static class BufferedReads
{
    private const ulong PageSize = QueueLimits.PAGE_SIZE;

    /// <summary>PAGEVEC_SIZE: so many pages are looked up at once.</summary>
    private const int BatchPages = 15;

    /// <summary>BIO_MAX_VECS.</summary>
    private const int MaxBioPages = 256;

    /// <summary>filemap_read. The bytes lie within the device.</summary>
    public static async ValueTask<IoResult> ReadAsync(AddressSpace space, ReadAhead ahead, ulong offset, Memory<byte> data)
    {
        ulong end = (offset + (ulong)data.Length + PageSize - 1) / PageSize;
        int done = 0;
        while (done < data.Length)
        {
            ulong at = offset + (ulong)done, index = at / PageSize;
            int count = Batch(space, index, end);
            if (count == 0)
            {
                ahead.OnMiss(index, end - index);
                count = Batch(space, index, end);
            }
            if (count == 0)
            {
                // What reading ahead has not brought is read alone.
                space.Add(index, new byte[PageSize]);
                count = 1;
            }
            var last = space.Find(index + (ulong)count - 1)!;
            if (last.IsReadAheadMark)
                ahead.OnMark(last, end - last.Index);
            if (!last.IsUptodate && await UpdateAsync(space, last) is not Errno.None and var errno)
            {
                if (errno == Errno.EAGAIN)
                    continue;
                ahead.ShrinkAfterError();
                if (--count == 0)
                    return done > 0 ? IoResult.Ok(done) : IoResult.Failed(errno);
            }
            for (; count > 0 && space.Find(index) is { } page; count--, index++)
            {
                int skip = (int)((offset + (ulong)done) % PageSize);
                int length = Math.Min(page.Bytes.Length - skip, data.Length - done);
                page.Bytes.Span.Slice(skip, length).CopyTo(data.Span[done..]);
                done += length;
                ahead.Previous = (offset + (ulong)done) / PageSize;
            }
        }
        return IoResult.Ok(done);
    }

    /// <summary>filemap_get_read_batch: the pages from there on, up to one that is marked or not up to date.</summary>
    private static int Batch(AddressSpace space, ulong index, ulong end)
    {
        int count = 0;
        while (count < BatchPages && index < end && space.Find(index) is { } page)
        {
            count++;
            index++;
            if (!page.IsUptodate || page.IsReadAheadMark)
                break;
        }
        return count;
    }

    /// <summary>filemap_update_page: waits for who reads it, else reads it. EAGAIN when it has left the cache meanwhile.</summary>
    private static async ValueTask<Errno> UpdateAsync(AddressSpace space, CachedPage page)
    {
        await space.WaitUntilUnlockedAsync(page);
        if (page.IsDropped)
            return Errno.EAGAIN;
        if (page.IsUptodate)
            return Errno.None;
        return await ReadBuffersAsync(space, page) ? Errno.None : Errno.EIO;
    }

    /// <summary>read_mapping_folio: one page, which is read alone where it is not in memory. EIO when that fails.</summary>
    public static async ValueTask<(Errno Errno, CachedPage? Page)> ReadPageAsync(AddressSpace space, ulong index)
    {
        while (true)
        {
            var page = space.Find(index) ?? space.Add(index, new byte[PageSize]);
            var errno = page.IsUptodate ? Errno.None : await UpdateAsync(space, page);
            if (errno == Errno.None)
                return (errno, page);
            if (errno != Errno.EAGAIN)
                return (errno, null);
        }
    }

    /// <summary>page_cache_ra_unbounded and read_pages: reads what is missing of a range.</summary>
    /// <param name="lookAhead">So many pages before the end lies the mark; 0 for none.</param>
    public static void Populate(AddressSpace space, ulong index, ulong count, ulong lookAhead)
    {
        ulong size = space.Device.Capacity.ToBytes().Value;
        if (size == 0 || index > (size - 1) / PageSize)
            return;
        ulong end = Math.Min(index + count, (size - 1) / PageSize + 1);
        ulong mark = count >= lookAhead && lookAhead > 0 ? index + count - lookAhead : ulong.MaxValue;
        while (index < end)
        {
            ulong first = index;
            while (index < end && space.Find(index) is null)
                index++;
            if (index > first)
                ReadPages(space, first, (int)(index - first), mark, size);
            else
                index++;
        }
    }

    /// <summary>mpage_readahead: pages that follow each other in as few bios as hold them.</summary>
    private static void ReadPages(AddressSpace space, ulong first, int count, ulong mark, ulong size)
    {
        var memory = new PageMemory(count);
        var pages = new CachedPage[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = space.Add(first + (ulong)i, memory.Bytes(i), memory);
            pages[i].IsLocked = true;
            pages[i].IsReadAheadMark = first + (ulong)i == mark;
        }
        var blocks = space.Kernel.Blocks;
        blocks.StartPlug();
        for (int done = 0; done < count; done += MaxBioPages)
        {
            var piece = pages.AsMemory(done, Math.Min(MaxBioPages, count - done));
            ulong start = (first + (ulong)done) * PageSize;
            int length = (int)Math.Min((ulong)piece.Length * PageSize, size - start);
            var bio = new Bio(space.Device, BioOp.Read, BioFlags.ReadAhead)
            {
                Sector = start >> Sectors.Shift,
                SectorCount = (ulong)length >> Sectors.Shift,
                Data = memory.Bytes(done, length),
                EndIo = bio => PagesRead(bio, piece.Span, length),
            };
            bio.ComesFromCache(true, (ulong)(count - done));
            blocks.Submit(bio);
        }
        blocks.FinishPlug();
    }

    /// <summary>mpage_end_io. The rest of a page that the device ends in reads as zeros.</summary>
    private static void PagesRead(Bio bio, ReadOnlySpan<CachedPage> pages, int length)
    {
        int rest = length % (int)PageSize;
        if (rest > 0)
            pages[^1].Bytes.Span[rest..].Clear();
        foreach (var page in pages)
        {
            page.IsUptodate = bio.Status == BlkStatus.Ok;
            page.IsLocked = false;
            // A page that is read once more, buffer by buffer, may leave while somebody waits for it.
            if (!page.IsUptodate)
                page.Memory?.Keep();
        }
        pages[0].Space.PageChanged();
    }

    /// <summary>block_read_full_folio: each buffer that is not up to date by itself. Whether all went well.</summary>
    private static async ValueTask<bool> ReadBuffersAsync(AddressSpace space, CachedPage page)
    {
        ulong size = space.Device.Capacity.ToBytes().Value;
        page.HasReadError = false;
        var missing = new List<int>();
        for (int buffer = 0; buffer < (int)(PageSize / space.BlockSize); buffer++)
        {
            if ((page.UptodateBuffers & (1 << buffer)) != 0)
                continue;
            if (page.Index * PageSize + (ulong)buffer * space.BlockSize < size)
            {
                missing.Add(buffer);
                continue;
            }
            page.Bytes.Span.Slice(buffer * (int)space.BlockSize, (int)space.BlockSize).Clear();
            page.UptodateBuffers |= (byte)(1 << buffer);
        }
        await ReadAsync(space, page, missing, logs: true);
        if (page.HasReadError || page.UptodateBuffers != space.AllBuffers)
            return false;
        page.IsUptodate = true;
        return true;
    }

    /// <summary>Reads buffers of a page, which is locked meanwhile.</summary>
    /// <param name="logs">end_buffer_async_read says so when it fails, end_buffer_read_sync does not.</param>
    public static async ValueTask ReadAsync(AddressSpace space, CachedPage page, List<int> buffers, bool logs)
    {
        if (buffers.Count == 0)
            return;
        page.IsLocked = true;
        page.Reading = buffers.Count;
        foreach (int buffer in buffers)
        {
            space.Kernel.Blocks.Submit(new BufferBio(page, buffer, BioOp.Read, BioFlags.None)
            {
                EndIo = ended => BufferRead(space, page, buffer, ended.Status, logs),
            });
        }
        await space.WaitUntilUnlockedAsync(page);
    }

    private static void BufferRead(AddressSpace space, CachedPage page, int buffer, BlkStatus status, bool logs)
    {
        if (status == BlkStatus.Ok)
        {
            page.UptodateBuffers |= (byte)(1 << buffer);
        }
        else
        {
            page.HasReadError = true;
            if (logs)
                LogError(space, page, buffer, ", async page read");
        }
        if (--page.Reading > 0)
            return;
        page.IsLocked = false;
        space.PageChanged();
    }

    /// <summary>buffer_io_error.</summary>
    public static void LogError(AddressSpace space, CachedPage page, int buffer, string what) =>
        space.Kernel.RateLimits.Write("buffer_io_error", 3, $"Buffer I/O error on dev {space.Device.Name}, logical block "
            + $"{page.Index * (PageSize / space.BlockSize) + (ulong)buffer}{what}");
}
