using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>Dirty pages of a device on their way out (mm/page-writeback.c, write_cache_pages; fs/buffer.c, __block_write_full_page, 6.1).</summary>
internal sealed class Writeback(AddressSpace space)
{
    // Pages that are being written.
    private readonly PageList _underWay = new(static page => ref page.UnderWay);

    /// <summary>generic_writepages: what is dirty in a range of pages is submitted, a bio for each buffer.</summary>
    public void Start(BioFlags flags, ulong first = 0, ulong last = ulong.MaxValue)
    {
        if (!space.IsDirty)
            return;
        Write(space.TakeDirty(first, last), flags);
    }

    /// <summary>As that, for the first so many pages of all that are dirty.</summary>
    public void StartSome(BioFlags flags, int most) => Write(space.TakeDirty(most), flags);

    private void Write(List<CachedPage> pages, BioFlags flags)
    {
        var blocks = space.Kernel.Blocks;
        blocks.StartPlug();
        foreach (var page in pages)
            WritePage(page, flags);
        blocks.FinishPlug();
    }

    private static readonly Action<Bio> EndIo = static bio =>
    {
        var written = (BufferBio)bio;
        var writeback = written.Page.Space.Writeback;
        writeback.BufferWritten(written.Page, written.Buffer, bio.Status);
        if (writeback._spare.Count < Bio.MostSpare)
            writeback._spare.Push(written);
    };

    // Bios that have ended.
    private readonly Stack<BufferBio> _spare = new();

    private BufferBio NewBio(CachedPage page, int buffer, BioFlags flags)
    {
        if (!_spare.TryPop(out var bio))
            bio = new BufferBio(page, buffer, BioOp.Write, flags);
        else
            bio.Reuse(page, buffer, BioOp.Write, flags);
        bio.EndIo = EndIo;
        return bio;
    }

    /// <summary>block_write_full_page. What lies past the end of a device that has shrunk is forgotten.</summary>
    private void WritePage(CachedPage page, BioFlags flags)
    {
        byte dirty = page.DirtyBuffers;
        int count = page.DirtyCount;
        page.DirtyBuffers = 0;
        if (page.Sector >= space.Device.Capacity.Value || count == 0)
            return;
        if (!page.IsUnderWriteback)
        {
            _underWay.Add(page);
            space.Kernel.PageReclaim.WritebackPages++;
        }
        page.Writing += count;
        for (int buffer = 0; dirty >> buffer != 0; buffer++)
        {
            if ((dirty & (1 << buffer)) == 0)
                continue;
            space.Kernel.Blocks.Submit(NewBio(page, buffer, flags));
        }
    }

    /// <summary>end_buffer_async_write.</summary>
    private void BufferWritten(CachedPage page, int buffer, BlkStatus status)
    {
        if (status != BlkStatus.Ok)
        {
            BufferedReads.LogError(space, page, buffer, ", lost async page write");
            space.Errors.Add();
            page.UptodateBuffers &= unchecked((byte)~(1 << buffer));
        }
        if (--page.Writing > 0)
            return;
        _underWay.Remove(page);
        space.Kernel.PageReclaim.WritebackPages--;
        space.Kernel.Flusher.Shares.Written(space.Share);
        space.PageChanged();
    }

    /// <summary>filemap_fdatawait_range.</summary>
    public async ValueTask WaitAsync(ulong first = 0, ulong last = ulong.MaxValue)
    {
        if (_underWay.First is null)
            return;
        space.Kernel.Work.RunAll();
        while (FirstUnderWay(first, last) is { } page)
            await space.WaitForWritebackAsync(page);
    }

    private CachedPage? FirstUnderWay(ulong first, ulong last)
    {
        var page = _underWay.First;
        while (page is not null && (page.Index < first || page.Index > last))
            page = _underWay.After(page);
        return page;
    }

    /// <summary>filemap_write_and_wait_range. EIO when a page has been lost, also earlier, and nobody has heard of it.</summary>
    public async ValueTask<Errno> WriteAndWaitAsync(ulong first = 0, ulong last = ulong.MaxValue)
    {
        Start(BioFlags.Sync, first, last);
        await WaitAsync(first, last);
        return space.Errors.TakeFlag();
    }

    /// <summary>filemap_fdatawait_keep_errors after filemap_fdatawrite: what sync(2) does with each device.</summary>
    public async ValueTask SyncAsync()
    {
        Start(BioFlags.Sync);
        await WaitAsync();
    }

    /// <summary>file_write_and_wait_range.</summary>
    /// <param name="since">The file's f_wb_err.</param>
    public async ValueTask<(Errno Errno, uint Since)> WriteAndWaitForFileAsync(uint since)
    {
        Start(BioFlags.Sync);
        await WaitAsync();
        var errno = space.Errors.Advance(ref since);
        return (errno, since);
    }
}
