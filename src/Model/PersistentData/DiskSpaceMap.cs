using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>Counts the blocks of another device, the data's, in blocks of metadata: dm-space-map-disk.c (6.1).</summary>
public sealed class DiskSpaceMap : ISpaceMap
{
    private readonly SpaceMapCore _core;
    private readonly SpaceMapCore _last;
    private ulong _searchFrom;
    private ulong _allocatedThisTransaction;

    private DiskSpaceMap(TransactionManager manager)
    {
        _core = SpaceMapCore.ForData(manager);
        _last = _core.NewOfSameKind();
    }

    /// <summary>dm_sm_disk_create.</summary>
    public static Errno Create(TransactionManager manager, ulong blocks, out DiskSpaceMap map)
    {
        map = new DiskSpaceMap(manager);
        var errno = map._core.Create();
        if (errno == Errno.None)
            errno = map._core.Extend(blocks);
        return errno != Errno.None ? errno : map.Commit();
    }

    /// <summary>dm_sm_disk_open.</summary>
    public static Errno Open(TransactionManager manager, ReadOnlySpan<byte> root, out DiskSpaceMap map)
    {
        map = new DiskSpaceMap(manager);
        var errno = map._core.Open(root);
        return errno != Errno.None ? errno : map.Commit();
    }

    internal bool CountsRanges => _core.CountsRanges;

    /// <summary>As of the last commit: growth counts from the next.</summary>
    public ulong BlockCount => _last.BlockCount;

    public ulong FreeCount => unchecked(_last.BlockCount - _last.AllocatedCount - _allocatedThisTransaction);

    public Errno Extend(ulong extraBlocks) => _core.Extend(extraBlocks);

    public Errno GetCount(ulong block, out uint count) => _core.GetCount(block, out count);

    public Errno IsShared(ulong block, out bool shared)
    {
        var errno = GetCount(block, out uint count);
        shared = errno == Errno.None && count > 1;
        return errno;
    }

    public Errno Increment(ulong begin, ulong end) =>
        CountAllocated(_core.Increment(begin, end, out int allocated), allocated);

    public Errno Decrement(ulong begin, ulong end)
    {
        if (CountsRanges)
            return CountAllocated(_core.Decrement(begin, end, out int allocated), allocated);
        var errno = Errno.None;
        for (; errno == Errno.None && begin != end; begin = unchecked(begin + 1))
            errno = DecrementOne(begin);
        return errno;
    }

    /// <summary>sm_disk_dec_block (5.10): what the last transaction uses is not free before the next.</summary>
    private Errno DecrementOne(ulong block)
    {
        var errno = _core.Decrement(block, unchecked(block + 1), out int allocated);
        if (errno != Errno.None || allocated == 0)
            return errno;
        errno = _last.GetCount(block, out uint count);
        return CountAllocated(errno, count == 0 ? allocated : 0);
    }

    private Errno CountAllocated(Errno errno, int allocated)
    {
        if (errno == Errno.None || !CountsRanges)
            _allocatedThisTransaction = unchecked(_allocatedThisTransaction + (ulong)allocated);
        return errno;
    }

    public Errno NewBlock(out ulong block)
    {
        var errno = _core.FindFreeInBoth(_last, _searchFrom, out block);
        if (errno == Errno.ENOSPC)
            errno = _core.FindFreeInBoth(_last, 0, out block);
        if (errno != Errno.None)
            return errno;
        _searchFrom = unchecked(block + 1);
        return this.Increment(block);
    }

    public Errno Commit()
    {
        var errno = _core.Commit();
        if (errno != Errno.None)
            return errno;
        _last.CopyFrom(_core);
        _allocatedThisTransaction = 0;
        return Errno.None;
    }

    public void CopyRoot(Span<byte> destination) => _core.CopyRoot(destination);
}
