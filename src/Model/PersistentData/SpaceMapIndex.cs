using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>struct disk_index_entry: where one bitmap block is, and hints for finding free entries in it.</summary>
/// <param name="Location">The bitmap block.</param>
/// <param name="FreeCount">nr_free.</param>
/// <param name="NoneFreeBefore">Entries below this one are in use.</param>
internal readonly record struct IndexEntry(ulong Location, uint FreeCount, uint NoneFreeBefore)
{
    public const int Bytes = 16;

    public static IndexEntry Read(byte[] data, int offset) => new(
        LittleEndian.ReadU64(data, offset),
        LittleEndian.ReadU32(data, offset + 8),
        LittleEndian.ReadU32(data, offset + 12));

    public void Write(byte[] data, int offset)
    {
        LittleEndian.WriteU64(data, offset, Location);
        LittleEndian.WriteU32(data, offset + 8, FreeCount);
        LittleEndian.WriteU32(data, offset + 12, NoneFreeBefore);
    }
}

/// <summary>
/// Finds the bitmap blocks of a space map. There are two ways: one block of entries for metadata, so that counting metadata blocks needs
/// no tree of metadata blocks, and a btree for data (dm-space-map-common.c, 6.1).
/// </summary>
internal abstract class SpaceMapIndex
{
    /// <summary>The index block, or the tree's root.</summary>
    public ulong Root { get; set; }

    /// <summary>bitmap_index_changed.</summary>
    public bool Changed { get; set; }

    public abstract ulong MaxEntries { get; }

    /// <summary>Makes an empty index.</summary>
    public abstract Errno Create();

    /// <summary>Reads what must be in memory of the index at <see cref="Root"/>.</summary>
    public abstract Errno Open();

    public abstract Errno Load(ulong index, out IndexEntry entry);

    public abstract Errno Save(ulong index, in IndexEntry entry);

    /// <summary>Puts what is only in memory into blocks.</summary>
    public abstract Errno Commit();

    public abstract SpaceMapIndex NewOfSameKind();

    /// <summary>Becomes like another of its kind.</summary>
    public virtual void CopyFrom(SpaceMapIndex other)
    {
        Root = other.Root;
        Changed = other.Changed;
    }
}

/// <summary>The index of the metadata's space map: one block of at most 255 entries, held in memory.</summary>
internal sealed class MetadataIndex(TransactionManager manager) : SpaceMapIndex
{
    private const int EntriesOffset = 16;
    private const uint EntriesMax = 255;

    private static readonly PlainBlockValidator Validator = new("index", 160478, "index_check", "index_check failed");

    private readonly byte[] _block = new byte[BlockManager.BlockSize];

    public override ulong MaxEntries => EntriesMax;

    public override Errno Create()
    {
        var errno = manager.NewBlock(Validator, out var block);
        if (errno != Errno.None)
            return errno;
        Root = block.Location;
        manager.Unlock(block);
        return Errno.None;
    }

    public override Errno Open()
    {
        var errno = manager.ReadLock(Root, Validator, out var block);
        if (errno != Errno.None)
            return errno;
        block.Data.CopyTo(_block, 0);
        manager.Unlock(block);
        return Errno.None;
    }

    /// <summary>
    /// The kernel does not look whether the entry is one of the 255: when a damaged root says that there are more blocks than these are
    /// for, it goes on into whatever memory follows.
    /// </summary>
    public override Errno Load(ulong index, out IndexEntry entry)
    {
        entry = default;
        if (index >= EntriesMax)
        {
            manager.Blocks.Log.KernelBug("metadata_ll_load_ie");
            return Errno.EIO;
        }
        entry = IndexEntry.Read(_block, OffsetOf(index));
        return Errno.None;
    }

    /// <summary>Only what has been loaded, or counted by Extend, is saved.</summary>
    public override Errno Save(ulong index, in IndexEntry entry)
    {
        Changed = true;
        entry.Write(_block, OffsetOf(index));
        return Errno.None;
    }

    public override Errno Commit()
    {
        var errno = manager.Shadow(Root, Validator, out var block, out _);
        if (errno != Errno.None)
            return errno;
        _block.CopyTo(block.Data, 0);
        Root = block.Location;
        manager.Unlock(block);
        return Errno.None;
    }

    public override SpaceMapIndex NewOfSameKind() => new MetadataIndex(manager);

    public override void CopyFrom(SpaceMapIndex other)
    {
        base.CopyFrom(other);
        ((MetadataIndex)other)._block.CopyTo(_block, 0);
    }

    private static int OffsetOf(ulong index) => EntriesOffset + (int)index * IndexEntry.Bytes;
}

/// <summary>
/// The index of the data's space map: a btree, with the entries used last in a small cache by hash. The cache decides when an entry is
/// written to the tree, hence the tree's shape: it must evict as the kernel does.
/// </summary>
internal sealed class DiskIndex : SpaceMapIndex
{
    private const int CacheSize = 64;

    /// <summary>BIG_PRIME of dm_hash_block (dm-persistent-data-internal.h).</summary>
    private const uint HashPrime = 4294967291;

    private readonly TransactionManager _manager;
    private readonly Btree _tree;
    private readonly Slot[] _cache = new Slot[CacheSize];

    private struct Slot
    {
        public bool Valid;
        public bool Dirty;
        public ulong Index;
        public IndexEntry Entry;
    }

    public DiskIndex(TransactionManager manager)
    {
        _manager = manager;
        _tree = new Btree(manager, levels: 1, new PlainValueType(IndexEntry.Bytes));
    }

    public override ulong MaxEntries => ulong.MaxValue;

    public override Errno Create()
    {
        Array.Clear(_cache);
        var errno = _tree.CreateEmpty(out ulong root);
        if (errno == Errno.None)
            Root = root;
        return errno;
    }

    public override Errno Open() => Errno.None;

    public override Errno Load(ulong index, out IndexEntry entry)
    {
        entry = default;
        if (!Caches)
            return LookUp(index, ref entry);
        ref var slot = ref SlotOf(index);
        if (slot.Valid && slot.Index == index)
        {
            entry = slot.Entry;
            return Errno.None;
        }
        var errno = WriteBackIfDirty(ref slot);
        if (errno == Errno.None)
            errno = LookUp(index, ref entry);
        if (errno != Errno.None)
            return errno;
        slot = new Slot { Valid = true, Index = index, Entry = entry };
        return Errno.None;
    }

    private Errno LookUp(ulong index, ref IndexEntry entry)
    {
        Span<byte> value = stackalloc byte[IndexEntry.Bytes];
        var errno = _tree.Lookup(Root, [index], value);
        if (errno == Errno.None)
            entry = ReadEntry(value);
        return errno;
    }

    public override Errno Save(ulong index, in IndexEntry entry)
    {
        if (!Caches)
            return Insert(index, entry);
        Changed = true;
        ref var slot = ref SlotOf(index);
        if (!(slot.Valid && slot.Index == index))
        {
            var errno = WriteBackIfDirty(ref slot);
            if (errno != Errno.None)
                return errno;
        }
        slot = new Slot { Valid = true, Dirty = true, Index = index, Entry = entry };
        return Errno.None;
    }

    /// <summary>Answers what came of the last entry written, as the kernel does.</summary>
    public override Errno Commit()
    {
        var errno = Errno.None;
        foreach (ref var slot in _cache.AsSpan())
            if (slot.Valid && slot.Dirty)
                errno = WriteBack(ref slot);
        return errno;
    }

    public override SpaceMapIndex NewOfSameKind() => new DiskIndex(_manager);

    public override void CopyFrom(SpaceMapIndex other)
    {
        base.CopyFrom(other);
        ((DiskIndex)other)._cache.CopyTo(_cache, 0);
    }

    private Errno WriteBackIfDirty(ref Slot slot) => slot.Valid && slot.Dirty ? WriteBack(ref slot) : Errno.None;

    private Errno WriteBack(ref Slot slot)
    {
        slot.Dirty = false;
        return Insert(slot.Index, slot.Entry);
    }

    private Errno Insert(ulong index, in IndexEntry entry)
    {
        Span<byte> value = stackalloc byte[IndexEntry.Bytes];
        WriteEntry(entry, value);
        ulong root = Root;
        var errno = _tree.Insert(ref root, [index], value);
        Root = root;
        return errno;
    }

    /// <summary>Without <see cref="Profiles.KernelRule.SpaceMapsCountRanges"/> each entry goes to the tree at once.</summary>
    private bool Caches => _manager.Blocks.CountsRanges;

    private ref Slot SlotOf(ulong index) => ref _cache[(int)(unchecked((uint)index * HashPrime) & (CacheSize - 1))];

    private static IndexEntry ReadEntry(ReadOnlySpan<byte> value) => new(
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(value),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(value[8..]),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(value[12..]));

    private static void WriteEntry(in IndexEntry entry, Span<byte> value)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(value, entry.Location);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(value[8..], entry.FreeCount);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(value[12..], entry.NoneFreeBefore);
    }
}
