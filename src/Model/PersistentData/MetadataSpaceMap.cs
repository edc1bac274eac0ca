using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Counts the metadata's own blocks, in blocks of that metadata: dm-space-map-metadata.c (6.1). A change while a change is being made
/// is put off; while the map is made, or grows, blocks are simply taken one after another.
/// </summary>
public sealed class MetadataSpaceMap : ISpaceMap
{
    /// <summary>DM_SM_METADATA_MAX_BLOCKS: what one index block can describe.</summary>
    public const ulong BlocksMax = 255UL * ((1 << 14) - 64);

    private const string Module = "space map metadata";

    private readonly IMetadataLog _log;
    private readonly SpaceMapCore _core;
    private readonly SpaceMapCore _last;
    private readonly BlockOperations _putOff = new();
    private readonly FreeThreshold _threshold = new();
    private ulong _searchFrom;
    private uint _depth;
    private uint _allocatedThisTransaction;

    // The kernel swaps the functions of the map (bootstrap_ops).
    private bool _bootstrapping;

    internal MetadataSpaceMap(TransactionManager manager)
    {
        _log = manager.Blocks.Log;
        _core = SpaceMapCore.ForMetadata(manager);
        _last = _core.NewOfSameKind();
    }

    public ulong BlockCount => _core.BlockCount;

    public ulong FreeCount => _bootstrapping
        ? unchecked(_core.BlockCount - _searchFrom)
        : unchecked(_last.BlockCount - _last.AllocatedCount - _allocatedThisTransaction);

    /// <summary>dm_sm_metadata_create: counts what it is made of itself, up to the last block it took.</summary>
    internal Errno Create(ulong blocks, ulong superblock)
    {
        Forget(searchFrom: superblock + 1);
        _bootstrapping = true;
        var errno = _core.Create();
        if (errno == Errno.None)
            errno = _core.Extend(Math.Min(blocks, BlocksMax));
        _bootstrapping = false;
        if (errno != Errno.None)
            return errno;
        errno = PutOff(up: true, superblock, _searchFrom);
        if (errno != Errno.None)
            return errno;
        errno = ApplyPutOff();
        if (errno != Errno.None)
        {
            _log.Err(Module, "dm_sm_metadata_create: apply_bops failed");
            return errno;
        }
        return Commit();
    }

    /// <summary>dm_sm_metadata_open.</summary>
    internal Errno Open(ReadOnlySpan<byte> root)
    {
        var errno = _core.Open(root);
        if (errno != Errno.None)
            return errno;
        Forget(searchFrom: 0);
        _last.CopyFrom(_core);
        return Errno.None;
    }

    private void Forget(ulong searchFrom)
    {
        _searchFrom = searchFrom;
        _depth = 0;
        _allocatedThisTransaction = 0;
        _putOff.Clear();
        _threshold.Clear();
    }

    /// <summary>sm_metadata_extend: all that growing needs is taken from the new part.</summary>
    public Errno Extend(ulong extraBlocks)
    {
        if (_bootstrapping)
        {
            _log.Err(Module, "bootstrap doesn't support extend");
            return Errno.EINVAL;
        }
        ulong counted = _core.BlockCount;
        _searchFrom = counted;
        _bootstrapping = true;
        var errno = _core.Extend(extraBlocks);
        // Counting what was taken may take more.
        while (errno == Errno.None)
        {
            errno = PutOff(up: true, counted, _searchFrom);
            if (errno != Errno.None)
                break;
            counted = _searchFrom;
            errno = ApplyPutOff();
            if (errno != Errno.None)
            {
                _log.Err(Module, "sm_metadata_extend: apply_bops failed");
                break;
            }
            errno = _core.Commit();
            if (counted == _searchFrom)
                break;
        }
        _bootstrapping = false;
        return errno;
    }

    public Errno GetCount(ulong block, out uint count)
    {
        if (_bootstrapping)
        {
            count = block < _searchFrom ? 1u : 0u;
            return Errno.None;
        }
        int adjustment = _putOff.AdjustmentOf(block);
        var errno = _core.GetCount(block, out count);
        if (errno == Errno.None)
            count = unchecked(count + (uint)adjustment);
        return errno;
    }

    public Errno IsShared(ulong block, out bool shared)
    {
        shared = false;
        if (_bootstrapping)
            return Errno.None;
        int adjustment = _putOff.AdjustmentOf(block);
        if (adjustment > 1)
        {
            shared = true;
            return Errno.None;
        }
        var errno = _core.GetSmallCount(block, out uint count);
        // More than two: yes, without a look at how many there are and will be. The sum is unsigned in the kernel.
        shared = errno == Errno.None && (count == SpaceMapBitmap.Many || unchecked(count + (uint)adjustment) > 1);
        return errno;
    }

    public Errno Increment(ulong begin, ulong end) => Count(up: true, begin, end);

    public Errno Decrement(ulong begin, ulong end) => Count(up: false, begin, end);

    private Errno Count(bool up, ulong begin, ulong end)
    {
        if (!_core.CountsRanges && end != unchecked(begin + 1))
            throw new InvalidOperationException("this map counts block by block");
        if (_bootstrapping || _depth > 0)
            return PutOff(up, begin, end);
        _depth++;
        var errno = CountNow(new BlockOperation(up, begin, end));
        var putOffErrno = LeaveOutermost();
        return errno != Errno.None ? errno : putOffErrno;
    }

    private Errno CountNow(BlockOperation operation) => operation.Up
        ? _core.Increment(operation.Begin, operation.End, out _)
        : _core.Decrement(operation.Begin, operation.End, out _);

    /// <summary>out(): what was put off meanwhile is done now, even after a failure.</summary>
    private Errno LeaveOutermost()
    {
        var errno = ApplyPutOff();
        _depth--;
        return errno;
    }

    /// <summary>add_bop.</summary>
    private Errno PutOff(bool up, ulong begin, ulong end)
    {
        bool added = true;
        if (_core.CountsRanges)
            added = _putOff.TryAdd(new BlockOperation(up, begin, end));
        else
            for (; added && begin < end; begin++)
                added = _putOff.TryAdd(new BlockOperation(up, begin, begin + 1));
        if (added)
            return Errno.None;
        _log.Err(Module, "too many recursive allocations");
        return Errno.ENOMEM;
    }

    /// <summary>apply_bops: one that fails stays first in the queue.</summary>
    private Errno ApplyPutOff()
    {
        while (!_putOff.IsEmpty)
        {
            var errno = CountNow(_putOff.Peek());
            if (errno != Errno.None)
                return errno;
            _putOff.Pop();
        }
        return Errno.None;
    }

    public Errno NewBlock(out ulong block)
    {
        if (_bootstrapping)
            return NewBlockBehindAll(out block);
        var errno = FindAndCount(out block);
        if (errno != Errno.None)
        {
            _log.ErrLimited("sm_metadata_new_block", 0, Module, "unable to allocate new metadata block");
            return errno;
        }
        _threshold.Check(FreeCount);
        return Errno.None;
    }

    /// <summary>sm_bootstrap_new_block.</summary>
    private Errno NewBlockBehindAll(out ulong block)
    {
        block = _searchFrom;
        if (_searchFrom == _core.BlockCount)
            return Errno.ENOSPC;
        _searchFrom++;
        return Errno.None;
    }

    /// <summary>sm_metadata_new_block_: behind the last one taken, else from the start.</summary>
    private Errno FindAndCount(out ulong block)
    {
        var errno = _core.FindFreeInBoth(_last, _searchFrom, out block);
        if (errno == Errno.ENOSPC)
            errno = _core.FindFreeInBoth(_last, 0, out block);
        if (errno != Errno.None)
            return errno;
        _searchFrom = unchecked(block + 1);
        var putOffErrno = Errno.None;
        if (_depth > 0)
        {
            errno = PutOff(up: true, block, _searchFrom);
        }
        else
        {
            _depth++;
            errno = _core.Increment(block, _searchFrom, out _);
            putOffErrno = LeaveOutermost();
        }
        if (errno == Errno.None)
            _allocatedThisTransaction = unchecked(_allocatedThisTransaction + 1);
        return errno != Errno.None ? errno : putOffErrno;
    }

    public Errno Commit()
    {
        if (_bootstrapping)
            return Errno.None;
        var errno = _core.Commit();
        if (errno != Errno.None)
            return errno;
        _last.CopyFrom(_core);
        _allocatedThisTransaction = 0;
        return Errno.None;
    }

    public void CopyRoot(Span<byte> destination) => _core.CopyRoot(destination);

    /// <summary>dm_sm_register_threshold_callback: tells once when a new block leaves no more than this many free.</summary>
    public void RegisterThreshold(ulong free, Action reached) => _threshold.Set(free, reached);
}
