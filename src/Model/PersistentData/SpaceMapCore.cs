using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Reference counts on disk: struct ll_disk of dm-space-map-common.c (6.1). Small counts are in bitmap blocks that an index finds; counts
/// from three up are in a btree besides, the overflow tree.
/// </summary>
internal sealed partial class SpaceMapCore
{
    /// <summary>struct disk_sm_root.</summary>
    public const int RootBytes = 32;

    private const string Module = "space map common";

    private readonly TransactionManager _manager;
    private readonly IMetadataLog _log;
    private readonly SpaceMapIndex _index;
    private readonly Btree _overflow;
    private ulong _overflowRoot;

    private SpaceMapCore(TransactionManager manager, SpaceMapIndex index)
    {
        _manager = manager;
        _log = manager.Blocks.Log;
        _index = index;
        _overflow = new Btree(manager, levels: 1, new PlainValueType(sizeof(uint)));
    }

    public static SpaceMapCore ForMetadata(TransactionManager manager) => new(manager, new MetadataIndex(manager));

    public static SpaceMapCore ForData(TransactionManager manager) => new(manager, new DiskIndex(manager));

    public bool CountsRanges => _manager.Blocks.CountsRanges;

    /// <summary>nr_blocks.</summary>
    public ulong BlockCount { get; private set; }

    /// <summary>nr_allocated.</summary>
    public ulong AllocatedCount { get; private set; }

    /// <summary>sm_ll_new_metadata, sm_ll_new_disk: a map of no blocks.</summary>
    public Errno Create()
    {
        var errno = _index.Create();
        return errno != Errno.None ? errno : _overflow.CreateEmpty(out _overflowRoot);
    }

    /// <summary>sm_ll_open_metadata, sm_ll_open_disk.</summary>
    public Errno Open(ReadOnlySpan<byte> root)
    {
        BlockCount = BinaryPrimitives.ReadUInt64LittleEndian(root);
        AllocatedCount = BinaryPrimitives.ReadUInt64LittleEndian(root[8..]);
        _index.Root = BinaryPrimitives.ReadUInt64LittleEndian(root[16..]);
        _overflowRoot = BinaryPrimitives.ReadUInt64LittleEndian(root[24..]);
        return _index.Open();
    }

    public void CopyRoot(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, BlockCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], AllocatedCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _index.Root);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _overflowRoot);
    }

    /// <summary>The state as it is now, to be looked at when this has moved on (old_ll).</summary>
    public SpaceMapCore NewOfSameKind() => new(_manager, _index.NewOfSameKind());

    public void CopyFrom(SpaceMapCore other)
    {
        BlockCount = other.BlockCount;
        AllocatedCount = other.AllocatedCount;
        _overflowRoot = other._overflowRoot;
        _index.CopyFrom(other._index);
    }

    /// <summary>sm_ll_commit.</summary>
    public Errno Commit()
    {
        if (!_index.Changed)
            return Errno.None;
        var errno = _index.Commit();
        if (errno == Errno.None)
            _index.Changed = false;
        return errno;
    }

    /// <summary>sm_ll_extend.</summary>
    public Errno Extend(ulong extraBlocks)
    {
        ulong newCount = unchecked(BlockCount + extraBlocks);
        // The kernel keeps these two in 32 bits.
        uint oldBitmaps = unchecked((uint)BitmapsFor(BlockCount));
        uint newBitmaps = unchecked((uint)BitmapsFor(newCount));
        if (BitmapsFor(newCount) > _index.MaxEntries)
        {
            _log.Err(Module, "space map too large");
            return Errno.EINVAL;
        }
        // Set before the bitmaps are made: for metadata these come from the new part.
        BlockCount = newCount;
        for (ulong i = oldBitmaps; i < newBitmaps; i++)
        {
            var errno = _manager.NewBlock(SpaceMapBitmap.Validator, out var block);
            if (errno != Errno.None)
                return errno;
            var entry = new IndexEntry(block.Location, SpaceMapBitmap.Entries, 0);
            _manager.Unlock(block);
            errno = _index.Save(i, entry);
            if (errno != Errno.None)
                return errno;
        }
        return Errno.None;
    }

    /// <summary>dm_sector_div_up. It wraps round: damaged metadata that say that there are nearly 2^64 blocks have no bitmaps.</summary>
    private static ulong BitmapsFor(ulong blocks) => unchecked(blocks + SpaceMapBitmap.Entries - 1) / SpaceMapBitmap.Entries;

    /// <summary>sm_ll_lookup_bitmap: the count, where <see cref="SpaceMapBitmap.Many"/> stands for all that are higher.</summary>
    public Errno GetSmallCount(ulong block, out uint count)
    {
        count = 0;
        if (block >= BlockCount)
        {
            _log.ErrLimited("sm_ll_lookup_bitmap", 0, Module, "metadata block out of bounds");
            return Errno.EINVAL;
        }
        var errno = _index.Load(block / SpaceMapBitmap.Entries, out var entry);
        if (errno != Errno.None)
            return errno;
        errno = _manager.ReadLock(entry.Location, SpaceMapBitmap.Validator, out var bitmap);
        if (errno != Errno.None)
            return errno;
        count = new SpaceMapBitmap(bitmap.Data).Get((uint)(block % SpaceMapBitmap.Entries));
        _manager.Unlock(bitmap);
        return Errno.None;
    }

    /// <summary>sm_ll_lookup.</summary>
    public Errno GetCount(ulong block, out uint count)
    {
        var errno = GetSmallCount(block, out count);
        if (errno != Errno.None || count != SpaceMapBitmap.Many)
            return errno;
        return GetOverflowCount(block, ref count);
    }

    /// <summary>sm_ll_lookup_big_ref_count.</summary>
    private Errno GetOverflowCount(ulong block, ref uint count)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        var errno = _overflow.Lookup(_overflowRoot, [block], value);
        if (errno == Errno.None)
            count = BinaryPrimitives.ReadUInt32LittleEndian(value);
        return errno;
    }

    /// <summary>sm_ll_find_free_block: the first unused block in [begin, end), or ENOSPC.</summary>
    private Errno FindFree(ulong begin, ulong end, out ulong found)
    {
        found = 0;
        ulong indexEnd = BitmapsFor(end);
        uint from = (uint)(begin % SpaceMapBitmap.Entries);
        uint lastEnd = (uint)(end % SpaceMapBitmap.Entries);
        if (lastEnd == 0)
            lastEnd = SpaceMapBitmap.Entries;
        for (ulong i = begin / SpaceMapBitmap.Entries; i < indexEnd; i++, from = 0)
        {
            var errno = _index.Load(i, out var entry);
            if (errno != Errno.None)
                return errno;
            if (entry.FreeCount == 0)
                continue;
            errno = _manager.ReadLock(entry.Location, SpaceMapBitmap.Validator, out var bitmap);
            if (errno != Errno.None)
                return errno;
            uint until = i == indexEnd - 1 ? lastEnd : SpaceMapBitmap.Entries;
            var position = new SpaceMapBitmap(bitmap.Data).FindFree(Math.Max(from, entry.NoneFreeBefore), until);
            _manager.Unlock(bitmap);
            if (position is { } free)
            {
                found = unchecked(i * SpaceMapBitmap.Entries + free);
                return Errno.None;
            }
        }
        return Errno.ENOSPC;
    }

    /// <summary>
    /// sm_ll_find_common_free_block: the first block from <paramref name="begin"/> on that neither this nor the last transaction uses.
    /// The search goes to the end of the map, whatever end its callers in the kernel give.
    /// </summary>
    public Errno FindFreeInBoth(SpaceMapCore last, ulong begin, out ulong found)
    {
        while (true)
        {
            var errno = FindFree(begin, BlockCount, out found);
            if (errno != Errno.None || found >= last.BlockCount)
                return errno;
            errno = last.GetCount(found, out uint count);
            if (errno != Errno.None || count == 0)
                return errno;
            begin = unchecked(found + 1);
        }
    }
}
