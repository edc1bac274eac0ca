using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;

namespace DmSim.Model.PageCache;

/// <summary>
/// The pages of one block device in memory: the i_mapping of its inode (mm/filemap.c, block/bdev.c, 6.1). BufferedReads and
/// BufferedWrites fill it, Writeback empties it of what is dirty.
/// </summary>
internal sealed class AddressSpace
{
    private readonly PageTree _pages = new();
    private readonly WaitQueue _pageChanged;
    private List<CachedPage> _dirty = [];
    private bool _dirtyInOrder = true;

    public AddressSpace(BlockDevice device)
    {
        Device = device;
        _pageChanged = new WaitQueue(device.Kernel);
        Writeback = new Writeback(this);
    }

    public BlockDevice Device { get; }

    public SimulatedKernel Kernel => Device.Kernel;

    public Writeback Writeback { get; }

    public WritebackErrors Errors { get; } = new();

    /// <summary>i_blkbits as a size: a buffer's.</summary>
    public uint BlockSize => Device.BlockSize;

    public uint BlockSectors => BlockSize >> Sectors.Shift;

    /// <summary>The buffers of a page, all bits set.</summary>
    public byte AllBuffers => (byte)((1 << (int)(QueueLimits.PAGE_SIZE / BlockSize)) - 1);

    /// <summary>nrpages.</summary>
    public int PageCount => _pages.Count;

    public bool IsDirty => _dirty.Count > 0;

    public int DirtyPages => _dirty.Count;

    /// <summary>What of the pages written lately were its own.</summary>
    public WriteoutShare.Share Share { get; } = new();

    public CachedPage? Find(ulong index) => _pages.Find(index);

    /// <summary>filemap_add_folio.</summary>
    public CachedPage Add(ulong index, Memory<byte> bytes, PageMemory? memory = null)
    {
        var page = new CachedPage(this, index, bytes, memory);
        _pages.Add(page);
        Kernel.PageReclaim.Added(page);
        return page;
    }

    /// <summary>mark_buffer_dirty and what follows from it: the flusher is told of the first page.</summary>
    public void MarkDirty(CachedPage page, byte buffers)
    {
        if (!page.IsDirty)
        {
            if (_dirty.Count == 0)
                Kernel.Flusher.Dirtied(this);
            _dirtyInOrder &= _dirty.Count == 0 || _dirty[^1].Index < page.Index;
            _dirty.Add(page);
            Kernel.PageReclaim.DirtyPages++;
        }
        page.DirtyBuffers |= buffers;
    }

    /// <summary>clear_page_dirty_for_io for all dirty pages of a range, which are returned in order.</summary>
    public List<CachedPage> TakeDirty(ulong first, ulong last)
    {
        if (first == 0 && last == ulong.MaxValue)
            return TakeDirty(_dirty.Count);
        SortDirty();
        var taken = _dirty.FindAll(page => page.Index >= first && page.Index <= last);
        if (taken.Count > 0)
            _dirty.RemoveAll(page => page.Index >= first && page.Index <= last);
        Kernel.PageReclaim.DirtyPages -= taken.Count;
        return taken;
    }

    /// <summary>The first so many of all.</summary>
    public List<CachedPage> TakeDirty(int most)
    {
        SortDirty();
        var taken = _dirty;
        if (most >= _dirty.Count)
        {
            _dirty = [];
        }
        else
        {
            taken = _dirty.GetRange(0, most);
            _dirty.RemoveRange(0, most);
        }
        Kernel.PageReclaim.DirtyPages -= taken.Count;
        return taken;
    }

    private void SortDirty()
    {
        if (!_dirtyInOrder)
            _dirty.Sort(static (left, right) => left.Index.CompareTo(right.Index));
        _dirtyInOrder = true;
    }

    /// <summary>delete_from_page_cache.</summary>
    public void Drop(CachedPage page)
    {
        if (!_pages.Remove(page))
            throw new InvalidOperationException($"page {page.Index} of {Device.Name} is not in memory");
        if (page.IsDirty)
        {
            _dirty.Remove(page);
            Kernel.PageReclaim.DirtyPages--;
            page.DirtyBuffers = 0;
        }
        page.IsDropped = true;
        if (IsIdle(page))
            page.Memory?.PageLeft();
        else
            page.Memory?.Keep();
        Kernel.PageReclaim.Dropped(page);
    }

    /// <summary>invalidate_mapping_pages: drops what is clean and nobody works on. Page numbers, both included.</summary>
    public void DropClean(ulong first = 0, ulong last = ulong.MaxValue)
    {
        foreach (var page in _pages.Between(first, last).Where(static page => IsIdle(page) && !page.IsDirty))
            Drop(page);
    }

    /// <summary>invalidate_inode_pages2_range: as that, and EBUSY when a page has become dirty again.</summary>
    public async ValueTask<Errno> InvalidateAsync(ulong first, ulong last)
    {
        var errno = Errno.None;
        foreach (var page in _pages.Between(first, last))
        {
            await WaitWhileBusyAsync(page);
            if (page.IsDropped)
                continue;
            if (page.IsDirty)
                errno = Errno.EBUSY;
            else
                Drop(page);
        }
        return errno;
    }

    /// <summary>
    /// truncate_inode_pages_range: whole pages go, dirty or not; of one that the range touches in part, that part becomes zeros, and
    /// whole buffers in it are dirty no more (truncate_inode_partial_folio, mm/truncate.c). Both in bytes, whole buffers.
    /// </summary>
    public async ValueTask TruncateAsync(ulong offset, ulong length)
    {
        ulong end = offset + length;
        foreach (var page in _pages.Between(offset / QueueLimits.PAGE_SIZE, (end - 1) / QueueLimits.PAGE_SIZE))
        {
            await WaitWhileBusyAsync(page);
            if (page.IsDropped)
                continue;
            ulong start = page.Index * QueueLimits.PAGE_SIZE;
            int from = (int)(Math.Max(offset, start) - start), to = (int)(Math.Min(end, start + QueueLimits.PAGE_SIZE) - start);
            if (from == 0 && to == page.Bytes.Length)
                Drop(page);
            else
                ZeroPart(page, from, to);
        }
    }

    private void ZeroPart(CachedPage page, int from, int to)
    {
        page.Bytes.Span[from..to].Clear();
        if (!page.IsDirty)
            return;
        int size = (int)BlockSize;
        int cleared = ((1 << (to / size)) - 1) & ~((1 << ((from + size - 1) / size)) - 1);
        page.DirtyBuffers = unchecked((byte)(page.DirtyBuffers & ~cleared));
        if (page.IsDirty)
            return;
        _dirty.Remove(page);
        Kernel.PageReclaim.DirtyPages--;
    }

    /// <summary>kill_bdev: all pages go, dirty or not. Nobody has the device open any more.</summary>
    public void Kill()
    {
        foreach (var page in _pages.Between(0, ulong.MaxValue))
            Drop(page);
    }

    private static bool IsIdle(CachedPage page) => !page.IsLocked && !page.IsUnderWriteback;

    private ValueTask WaitWhileBusyAsync(CachedPage page) => IsIdle(page) ? ValueTask.CompletedTask : SleepWhileAsync(page, static page => !IsIdle(page));

    /// <summary>folio_wait_locked.</summary>
    public ValueTask WaitUntilUnlockedAsync(CachedPage page) =>
        page.IsLocked ? SleepWhileAsync(page, static page => page.IsLocked) : ValueTask.CompletedTask;

    /// <summary>folio_wait_writeback.</summary>
    public ValueTask WaitForWritebackAsync(CachedPage page) =>
        page.IsUnderWriteback ? SleepWhileAsync(page, static page => page.IsUnderWriteback) : ValueTask.CompletedTask;

    private async ValueTask SleepWhileAsync(CachedPage page, Func<CachedPage, bool> busy)
    {
        // Whoever goes to sleep lets the workers work.
        Kernel.Work.RunAll();
        while (busy(page))
            await _pageChanged.Sleep();
    }

    /// <summary>folio_wake_bit.</summary>
    public void PageChanged() => _pageChanged.WakeAll();
}
