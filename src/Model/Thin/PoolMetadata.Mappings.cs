using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.Thin;

/// <content>Virtual blocks and their data blocks.</content>
public sealed partial class PoolMetadata
{
    /// <summary>dm_thin_find_block.</summary>
    /// <param name="device">An open device.</param>
    /// <param name="block">The block.</param>
    /// <param name="canIssueIo">Whether to read metadata that are not in the cache, or answer EAGAIN.</param>
    /// <param name="found">Where it is.</param>
    /// <returns>ENODATA when it is a hole.</returns>
    public Errno FindBlock(ThinDeviceMetadata device, VirtualBlock block, bool canIssueIo, out ThinLookup found)
    {
        found = default;
        if (_failIo)
            return Errno.EINVAL;
        // The map function and then the worker look for the same block: nothing was touched in between, so that looking again would
        // leave even the order of the cache as it is.
        if (_lastLookup.Device != device || _lastLookup.Block != block || _lastLookup.Uses != _blocks.Uses)
        {
            Span<byte> value = stackalloc byte[sizeof(ulong)];
            var tree = canIssueIo ? Live.Mappings : Live.NonBlockingMappings;
            var errno = tree.Lookup(_root, [device.Id.Value, block.Value], value);
            if (errno is not (Errno.None or Errno.ENODATA))
                return errno;
            _lastLookup = new LastLookup(device, block, _blocks.Uses, errno, BinaryPrimitives.ReadUInt64LittleEndian(value));
        }
        if (_lastLookup.Errno == Errno.None)
            found = Unpack(device, new BlockTime(_lastLookup.Mapping));
        return _lastLookup.Errno;
    }

    /// <summary>dm_pool_issue_prefetches: reads what lookups missed that could not issue I/O.</summary>
    public void IssuePrefetches()
    {
        if (!_failIo)
            Live.Manager.IssuePrefetches();
    }

    private readonly record struct LastLookup(ThinDeviceMetadata? Device, VirtualBlock Block, ulong Uses, Errno Errno, ulong Mapping);

    private LastLookup _lastLookup;

    /// <summary>unpack_lookup_result.</summary>
    private static ThinLookup Unpack(ThinDeviceMetadata device, BlockTime mapping) =>
        new(mapping.Block, device.WasSnapshottedAfter(mapping.Time));

    /// <summary>
    /// dm_thin_find_mapped_range: the first run in [begin, end) of virtual blocks whose data blocks follow each other. ENODATA when all
    /// of it is a hole.
    /// </summary>
    public Errno FindMappedRange(ThinDeviceMetadata device, VirtualBlock begin, VirtualBlock end, out MappedRange range)
    {
        range = default;
        if (_failIo)
            return Errno.EINVAL;
        if (end.Value < begin.Value)
            return Errno.ENODATA;
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        var errno = Live.Mappings.LookupNext(_root, [device.Id.Value, begin.Value], out ulong first, value);
        if (errno != Errno.None)
            return errno;
        if (first >= end.Value)
            return Errno.ENODATA;
        var lookup = Unpack(device, new BlockTime(BinaryPrimitives.ReadUInt64LittleEndian(value)));
        ulong next = first + 1;
        ulong dataEnd = lookup.Block.Value + 1;
        for (; next != end.Value; next++, dataEnd++)
        {
            errno = FindBlock(device, new VirtualBlock(next), canIssueIo: true, out var following);
            if (errno == Errno.ENODATA)
                break;
            if (errno != Errno.None)
                return errno;
            if (following.Block.Value != dataEnd || following.Shared != lookup.Shared)
                break;
        }
        range = new MappedRange(new VirtualBlock(first), new VirtualBlock(next), lookup.Block, lookup.Shared);
        return Errno.None;
    }

    /// <summary>dm_pool_alloc_data_block: ENOSPC when there is none.</summary>
    public Errno AllocateDataBlock(out DataBlock block)
    {
        block = default;
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        var errno = Live.DataSpace.NewBlock(out ulong found);
        block = new DataBlock(found);
        return errno;
    }

    /// <summary>dm_thin_insert_block: maps a block, or maps it elsewhere.</summary>
    public Errno InsertBlock(ThinDeviceMetadata device, VirtualBlock block, DataBlock dataBlock)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, new BlockTime(dataBlock, _time).Packed);
        var errno = Live.Mappings.Insert(ref _root, [device.Id.Value, block.Value], value, out bool inserted);
        if (errno != Errno.None)
            return errno;
        device.Changed = true;
        if (inserted)
            device.Details = device.Details with { MappedBlocks = unchecked(device.Details.MappedBlocks + 1) };
        return Errno.None;
    }

    /// <summary>
    /// dm_thin_remove_range: makes holes of [begin, end). The device's tree is taken out of the tree of trees meanwhile, and is
    /// missing there after a failure.
    /// </summary>
    public Errno RemoveRange(ThinDeviceMetadata device, VirtualBlock begin, VirtualBlock end)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        var errno = FindDeviceTree(device.Id, out ulong tree);
        if (errno != Errno.None)
            return errno;
        // One reference more, so that taking it out is not giving it up.
        Live.Manager.Increment(tree);
        errno = Live.DeviceTrees.Remove(ref _root, [device.Id.Value]);
        if (errno != Errno.None)
            return errno;
        errno = RemoveLeaves(ref tree, begin.Value, end.Value, out uint removed);
        if (errno != Errno.None)
            return errno;
        device.Details = device.Details with { MappedBlocks = unchecked(device.Details.MappedBlocks - removed) };
        device.Changed = true;
        return InsertDeviceTree(device.Id, tree);
    }

    private Errno RemoveLeaves(ref ulong tree, ulong begin, ulong end, out uint removed)
    {
        removed = 0;
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        while (begin < end)
        {
            var errno = Live.DeviceMappings.LookupNext(tree, [begin], out ulong first, value);
            if (errno == Errno.ENODATA || (errno == Errno.None && first >= end))
                return Errno.None;
            if (errno != Errno.None)
                return errno;
            begin = first;
            errno = Live.DeviceMappings.RemoveLeaves(ref tree, ref begin, end, out uint count);
            if (errno != Errno.None)
                return errno;
            removed = unchecked(removed + count);
        }
        return Errno.None;
    }

    /// <summary>dm_pool_block_is_shared: by the count of references, which is exact.</summary>
    public Errno IsShared(DataBlock block, out bool shared)
    {
        shared = false;
        if (_failIo)
            return Errno.EINVAL;
        var errno = Live.DataSpace.GetCount(block.Value, out uint count);
        shared = errno == Errno.None && count > 1;
        return errno;
    }

    /// <summary>dm_pool_inc_data_range.</summary>
    public Errno IncrementDataRange(DataBlock begin, DataBlock end)
    {
        PutInService();
        return _failIo ? Errno.EINVAL : Live.DataSpace.Increment(begin.Value, end.Value);
    }

    /// <summary>dm_pool_dec_data_range.</summary>
    public Errno DecrementDataRange(DataBlock begin, DataBlock end)
    {
        PutInService();
        return _failIo ? Errno.EINVAL : Live.DataSpace.Decrement(begin.Value, end.Value);
    }

    /// <summary>dm_thin_get_mapped_count.</summary>
    public Errno GetMappedCount(ThinDeviceMetadata device, out ulong blocks)
    {
        blocks = device.Details.MappedBlocks;
        return _failIo ? Errno.EINVAL : Errno.None;
    }

    /// <summary>dm_thin_get_highest_mapped_block: null when all is a hole.</summary>
    public Errno GetHighestMappedBlock(ThinDeviceMetadata device, out VirtualBlock? block)
    {
        block = null;
        if (_failIo)
            return Errno.EINVAL;
        var errno = FindDeviceTree(device.Id, out ulong tree);
        if (errno != Errno.None)
            return errno;
        errno = Live.DeviceMappings.FindHighestKey(tree, out ulong? key);
        if (key is { } highest)
            block = new VirtualBlock(highest);
        return errno;
    }
}
