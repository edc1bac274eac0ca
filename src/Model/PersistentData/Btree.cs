using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Maps 64-bit keys to values of one size, in nodes of one block: dm-btree.c and dm-btree-remove.c (6.1). A tree is named by the block of
/// its root, which moves with the first change in a transaction. With several levels a value of an upper tree is the root of a lower
/// one.
/// </summary>
public sealed partial class Btree
{
    // A kernel that follows damaged nodes in a circle never comes back, or runs out of stack. No sound tree is this deep.
    private const int StepsMax = 1 << 16;
    private const int DepthMax = 64;

    private const string Module = "btree";

    private readonly TransactionManager _manager;
    private readonly IMetadataLog _log;
    private readonly int _levels;
    private readonly BtreeValueType _valueType;
    private readonly LocationValueType _rootType;

    public Btree(TransactionManager manager, int levels, BtreeValueType valueType)
    {
        _manager = manager;
        _log = manager.Blocks.Log;
        _levels = levels;
        _valueType = valueType;
        _rootType = new LocationValueType(manager);
    }

    /// <summary>dm_btree_empty.</summary>
    public Errno CreateEmpty(out ulong root)
    {
        root = 0;
        var errno = _manager.NewBlock(BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        root = block.Location;
        var node = new BtreeNode(block.Data);
        node.Flags = BtreeNode.LeafFlag;
        node.MaxEntries = BtreeNode.MaxEntriesFor(_valueType.Size);
        node.ValueSize = _valueType.Size;
        _manager.Unlock(block);
        return Errno.None;
    }

    /// <summary>dm_btree_lookup.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="keys">One per level.</param>
    /// <param name="value">Filled with the value; empty when only its presence is asked for.</param>
    /// <returns>ENODATA when there is none.</returns>
    public Errno Lookup(ulong root, ReadOnlySpan<ulong> keys, Span<byte> value)
    {
        var spine = new ReadSpine(_manager);
        var errno = FindSubtree(ref spine, ref root, keys);
        if (errno == Errno.None)
            errno = LookupExact(ref spine, root, keys[_levels - 1], value);
        spine.Unlock();
        return errno;
    }

    /// <summary>Goes down through all levels but the last.</summary>
    private Errno FindSubtree(ref ReadSpine spine, ref ulong root, ReadOnlySpan<ulong> keys)
    {
        Span<byte> next = stackalloc byte[sizeof(ulong)];
        for (int level = 0; level < _levels - 1; level++)
        {
            var errno = LookupExact(ref spine, root, keys[level], next);
            if (errno != Errno.None)
                return errno;
            root = BinaryPrimitives.ReadUInt64LittleEndian(next);
        }
        return Errno.None;
    }

    /// <summary>btree_lookup_raw, and that the key found is the one looked for.</summary>
    private Errno LookupExact(ref ReadSpine spine, ulong root, ulong key, Span<byte> value)
    {
        for (int steps = 0; steps < StepsMax; steps++)
        {
            var errno = spine.Step(root);
            if (errno != Errno.None)
                return errno;
            var node = spine.Current;
            int index = node.LowerBound(key);
            if (index < 0 || index >= node.Count)
                return Errno.ENODATA;
            if (node.IsInternal)
                root = node.Child(index);
            if (!node.IsLeaf)
                continue;
            LittleEndian.Read(node.Block, node.ValueOffset(index), value);
            return node.Key(index) == key ? Errno.None : Errno.ENODATA;
        }
        return Endless("btree_lookup_raw");
    }

    /// <summary>dm_btree_lookup_next: the first entry whose last key is not below the one given.</summary>
    public Errno LookupNext(ulong root, ReadOnlySpan<ulong> keys, out ulong foundKey, Span<byte> value)
    {
        foundKey = 0;
        var spine = new ReadSpine(_manager);
        var errno = FindSubtree(ref spine, ref root, keys);
        int stepsLeft = StepsMax;
        if (errno == Errno.None)
            errno = LookupNextIn(root, keys[_levels - 1], 0, ref stepsLeft, ref foundKey, value);
        spine.Unlock();
        return errno;
    }

    /// <summary>dm_btree_lookup_next_single.</summary>
    private Errno LookupNextIn(ulong location, ulong key, int depth, ref int stepsLeft, ref ulong foundKey, Span<byte> value)
    {
        if (depth >= DepthMax || stepsLeft-- == 0)
            return Endless("dm_btree_lookup_next_single");
        var errno = _manager.ReadLock(location, BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var node = new BtreeNode(block.Data);
        if (node.IsInternal)
            errno = LookupNextBelow(node, key, depth, ref stepsLeft, ref foundKey, value);
        else
            errno = TakeNext(node, key, ref foundKey, value);
        _manager.Unlock(block);
        return errno;
    }

    private Errno LookupNextBelow(BtreeNode node, ulong key, int depth, ref int stepsLeft, ref ulong foundKey, Span<byte> value)
    {
        int index = Math.Max(node.LowerBound(key), 0);
        uint count = node.Count;
        if (index >= count)
            return Errno.ENODATA;
        var errno = LookupNextIn(node.Child(index), key, depth + 1, ref stepsLeft, ref foundKey, value);
        if (errno == Errno.ENODATA && index < count - 1)
            errno = LookupNextIn(node.Child(index + 1), key, depth + 1, ref stepsLeft, ref foundKey, value);
        return errno;
    }

    private static Errno TakeNext(BtreeNode node, ulong key, ref ulong foundKey, Span<byte> value)
    {
        int index = node.UpperBound(key);
        if (index < 0 || index >= node.Count)
            return Errno.ENODATA;
        foundKey = node.Key(index);
        LittleEndian.Read(node.Block, node.ValueOffset(index), value);
        return Errno.None;
    }

    /// <summary>dm_btree_find_highest_key of a tree of one level: null when it is empty.</summary>
    public Errno FindHighestKey(ulong root, out ulong? key)
    {
        var spine = new ReadSpine(_manager);
        var errno = FindHighestKey(ref spine, root, out key);
        spine.Unlock();
        return errno;
    }

    private Errno FindHighestKey(ref ReadSpine spine, ulong root, out ulong? key)
    {
        key = null;
        for (int steps = 0; steps < StepsMax; steps++)
        {
            var errno = spine.Step(root);
            if (errno != Errno.None)
                return errno;
            var node = spine.Current;
            if (node.Count == 0)
                return Errno.None;
            uint last = node.Count - 1;
            root = node.Child(last);
            if (!node.IsInternal)
            {
                key = node.Key(last);
                return Errno.None;
            }
        }
        return Endless("find_key");
    }

    private Errno Endless(string function)
    {
        _log.KernelBug(function);
        return Errno.EIO;
    }
}
