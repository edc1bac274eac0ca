using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <content>
/// Insertion. On the way down every full node gets room first, from a sibling that nobody shares, or by a split. Where entries go decides
/// the shape of the tree, and which bytes are left behind in a node: both follow the kernel exactly.
/// </content>
public sealed partial class Btree
{
    /// <summary>SPACE_THRESHOLD: how much free space makes a sibling worth taking entries to.</summary>
    private const uint SpaceThreshold = 8;

    /// <summary>dm_btree_insert: adds an entry, or overwrites it.</summary>
    /// <param name="root">The tree; on success where it is now.</param>
    /// <param name="keys">One per level; what is missing of upper levels is made.</param>
    /// <param name="value">The value.</param>
    public Errno Insert(ref ulong root, ReadOnlySpan<ulong> keys, ReadOnlySpan<byte> value) =>
        Insert(ref root, keys, value, out _);

    /// <summary>dm_btree_insert_notify: tells besides whether the entry is new.</summary>
    public Errno Insert(ref ulong root, ReadOnlySpan<ulong> keys, ReadOnlySpan<byte> value, out bool inserted)
    {
        inserted = false;
        var spine = new ShadowSpine(_manager);
        ulong location = root;
        int index = -1;
        var errno = Errno.None;
        for (int level = 0; errno == Errno.None && level < _levels - 1; level++)
            errno = StepToSubtree(ref spine, ref location, keys[level], ref index);
        if (errno == Errno.None)
            errno = FindPlace(ref spine, location, _valueType, keys[_levels - 1], ref index);
        if (errno == Errno.None)
            errno = Put(spine.Current, index, keys[_levels - 1], value, out inserted);
        if (errno == Errno.None)
            root = spine.Root!.Value;
        spine.Unlock();
        return errno;
    }

    /// <summary>In an upper level: the root of the tree below, made when missing.</summary>
    private Errno StepToSubtree(ref ShadowSpine spine, ref ulong location, ulong key, ref int index)
    {
        var errno = FindPlace(ref spine, location, _rootType, key, ref index);
        if (errno != Errno.None)
            return errno;
        var node = spine.Current;
        if (!node.HasKeyAt(key, index))
        {
            errno = CreateEmpty(out ulong subtree);
            if (errno != Errno.None)
                return errno;
            Span<byte> value = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(value, subtree);
            errno = InsertAt(node, index, key, value);
            if (errno != Errno.None)
                return errno;
        }
        location = node.Child(index);
        return Errno.None;
    }

    private Errno Put(BtreeNode node, int index, ulong key, ReadOnlySpan<byte> value, out bool inserted)
    {
        inserted = !node.HasKeyAt(key, index);
        if (inserted)
            return InsertAt(node, index, key, value);
        long offset = node.ValueOffset(index);
        if (!_valueType.NamesSame(node.Block, offset, value))
            _valueType.Decrement(node.Block, offset, 1);
        LittleEndian.Write(node.Block, offset, value);
        return Errno.None;
    }

    private Errno InsertAt(BtreeNode node, int index, ulong key, ReadOnlySpan<byte> value)
    {
        if (node.TryInsert((uint)index, key, value))
            return Errno.None;
        _log.Err(Module, "too many entries in btree node for insert");
        return Errno.ENOMEM;
    }

    /// <summary>btree_insert_raw: shadows the way to a leaf with room, and finds the key's place in it.</summary>
    /// <param name="spine">Continued.</param>
    /// <param name="location">The root of the tree of this level.</param>
    /// <param name="valueType">Of this level.</param>
    /// <param name="key">Of this level.</param>
    /// <param name="index">In: the entry of the level above that points to this tree, or -1. Out: the place.</param>
    private Errno FindPlace(ref ShadowSpine spine, ulong location, BtreeValueType valueType, ulong key, ref int index)
    {
        int entry = index;
        for (int steps = 0; steps < StepsMax; steps++)
        {
            var errno = spine.Step(location, valueType);
            if (errno != Errno.None)
                return errno;
            if (spine.HasParent && entry >= 0)
                spine.PatchParent(entry);
            if (!HasRoom(spine.Current, key))
            {
                errno = steps == 0
                    ? SplitBeneath(ref spine)
                    : MakeRoom(ref spine, valueType, entry, key);
                if (errno != Errno.None)
                    return errno;
            }
            var node = spine.Current;
            entry = node.LowerBound(key);
            if (node.IsLeaf)
            {
                bool exact = entry >= 0 && node.Key(entry) == key;
                index = exact ? entry : entry + 1;
                return Errno.None;
            }
            if (entry < 0)
            {
                // The tree's lowest key falls.
                node.SetKey(0, key);
                entry = 0;
            }
            location = node.Child(entry);
        }
        return Endless("btree_insert_raw");
    }

    /// <summary>
    /// btree_get_overwrite_leaf, for a tree of one level: the leaf with an entry that exists, shadowed and locked, to change its value.
    /// EINVAL when it does not exist.
    /// </summary>
    internal Errno GetOverwriteLeaf(ref ulong root, ulong key, out int index, out MetadataBlock leaf)
    {
        leaf = null!;
        var spine = new ShadowSpine(_manager);
        var errno = StepToEntry(ref spine, root, key, out index);
        if (errno == Errno.None)
        {
            root = spine.Root!.Value;
            leaf = spine.TakeCurrent();
        }
        spine.Unlock();
        return errno;
    }

    private Errno StepToEntry(ref ShadowSpine spine, ulong location, ulong key, out int index)
    {
        index = -1;
        for (int steps = 0; steps < StepsMax; steps++)
        {
            var errno = spine.Step(location, _valueType);
            if (errno != Errno.None)
                return errno;
            if (spine.HasParent)
                spine.PatchParent(index);
            var node = spine.Current;
            index = node.LowerBound(key);
            if (index < 0 || index >= node.Count)
                break;
            if (node.IsLeaf)
                return node.Key(index) == key ? Errno.None : Errno.EINVAL;
            location = node.Child(index);
        }
        return Endless("__btree_get_overwrite_leaf");
    }

    /// <summary>has_space_for_insert: a full leaf will do when it has the key already.</summary>
    private static bool HasRoom(BtreeNode node, ulong key)
    {
        if (node.Count != node.MaxEntries)
            return true;
        if (!node.IsLeaf)
            return false;
        int index = node.LowerBound(key);
        return index >= 0 && node.Key(index) == key;
    }

    /// <summary>
    /// btree_split_beneath, for a root: its entries move to two new children, the lower half to the first. What lies in the root beyond
    /// its two new entries stays there.
    /// </summary>
    private Errno SplitBeneath(ref ShadowSpine spine)
    {
        var parent = spine.Current;
        uint leftCount = parent.Count / 2;
        var errno = NewChild(parent, 0, leftCount, out var left);
        if (errno != Errno.None)
            return errno;
        errno = NewChild(parent, leftCount, parent.Count - leftCount, out var right);
        if (errno != Errno.None)
        {
            _manager.Unlock(left);
            return errno;
        }
        parent.Flags = BtreeNode.InternalFlag;
        parent.Count = 2;
        parent.MaxEntries = BtreeNode.MaxEntriesFor(sizeof(ulong));
        parent.ValueSize = sizeof(ulong);
        parent.SetKey(0, new BtreeNode(left.Data).Key(0));
        parent.SetChild(0, left.Location);
        parent.SetKey(1, new BtreeNode(right.Data).Key(0));
        parent.SetChild(1, right.Location);
        _manager.Unlock(left);
        _manager.Unlock(right);
        return Errno.None;
    }

    private Errno NewChild(BtreeNode parent, uint from, uint count, out MetadataBlock block)
    {
        var errno = _manager.NewBlock(BtreeNodeValidator.Instance, out block);
        if (errno != Errno.None)
            return errno;
        var child = new BtreeNode(block.Data);
        child.BecomeEmptySiblingOf(parent);
        child.Count = count;
        // Values of a leaf are as large as the tree says, whatever the node does.
        long size = parent.IsInternal ? sizeof(ulong) : _valueType.Size;
        LittleEndian.Move(parent.Block, BtreeNode.KeyOffset(from), child.Block, BtreeNode.KeyOffset(0), count * BtreeNode.KeyBytes);
        LittleEndian.Move(parent.Block, parent.ValueOffset(from), child.Block, child.ValueOffset(0), count * size);
        return Errno.None;
    }

    /// <summary>
    /// rebalance_or_split, for any other node. A shared sibling is left alone: to take it apart costs more space than it gives. At the edges
    /// of the parent one node becomes two, which suits keys that come in order; elsewhere two become three, which are fuller.
    /// </summary>
    private Errno MakeRoom(ref ShadowSpine spine, BtreeValueType valueType, int index, ulong key)
    {
        var parent = spine.Parent;
        uint count = parent.Count;
        bool leftShared = false;
        bool rightShared = false;
        bool worthwhile = false;
        if (index > 0)
        {
            var errno = LookAtSibling(parent.Child(index - 1), out leftShared, out worthwhile);
            if (errno != Errno.None)
                return errno;
            if (worthwhile)
                return RebalanceLeft(ref spine, valueType, index, key);
        }
        if (index < unchecked(count - 1))
        {
            var errno = LookAtSibling(parent.Child(index + 1), out rightShared, out worthwhile);
            if (errno != Errno.None)
                return errno;
            if (worthwhile)
                return RebalanceRight(ref spine, valueType, index, key);
        }
        return leftShared || rightShared || count <= 2 || index == 0 || index + 1 == count
            ? SplitOneIntoTwo(ref spine, index, key)
            : SplitTwoIntoThree(ref spine, valueType, index, key);
    }

    private Errno LookAtSibling(ulong location, out bool shared, out bool worthwhile)
    {
        worthwhile = false;
        var errno = _manager.IsShared(location, out shared);
        if (errno != Errno.None || shared)
            return errno;
        errno = _manager.ReadLock(location, BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var node = new BtreeNode(block.Data);
        worthwhile = unchecked(node.MaxEntries - node.Count) >= SpaceThreshold;
        _manager.Unlock(block);
        return Errno.None;
    }

    /// <summary>shadow_child: shadows a sibling and patches the parent.</summary>
    private Errno ShadowChild(BtreeNode parent, long index, BtreeValueType valueType, out MetadataBlock block)
    {
        var errno = BtreeShadow.Make(_manager, parent.Child(index), valueType, out block);
        if (errno == Errno.None)
            parent.SetChild(index, block.Location);
        return errno;
    }

    private Errno RebalanceLeft(ref ShadowSpine spine, BtreeValueType valueType, int index, ulong key)
    {
        var errno = ShadowChild(spine.Parent, index - 1, valueType, out var sibling);
        if (errno != Errno.None)
            return errno;
        var right = spine.Current;
        Redistribute(new BtreeNode(sibling.Data), right);
        spine.Parent.SetKey(index, right.Key(0));
        ContinueWith(ref spine, sibling, key < right.Key(0));
        return Errno.None;
    }

    private Errno RebalanceRight(ref ShadowSpine spine, BtreeValueType valueType, int index, ulong key)
    {
        var errno = ShadowChild(spine.Parent, index + 1, valueType, out var sibling);
        if (errno != Errno.None)
            return errno;
        var right = new BtreeNode(sibling.Data);
        Redistribute(spine.Current, right);
        spine.Parent.SetKey(index + 1, right.Key(0));
        ContinueWith(ref spine, sibling, key >= right.Key(0));
        return Errno.None;
    }

    private Errno SplitOneIntoTwo(ref ShadowSpine spine, int index, ulong key)
    {
        var errno = _manager.NewBlock(BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var left = spine.Current;
        var right = new BtreeNode(block.Data);
        right.BecomeEmptySiblingOf(left);
        Redistribute(left, right);
        errno = InsertChild(spine.Parent, index + 1, right.Key(0), block.Location);
        if (errno != Errno.None)
            _manager.Unlock(block);
        else
            ContinueWith(ref spine, block, key >= right.Key(0));
        return errno;
    }

    private Errno SplitTwoIntoThree(ref ShadowSpine spine, BtreeValueType valueType, int index, ulong key)
    {
        var parent = spine.Parent;
        var errno = ShadowChild(parent, index - 1, valueType, out var leftBlock);
        if (errno != Errno.None)
            return errno;
        // When this fails the kernel forgets to unlock the left sibling; see BlockManager.Reset for what comes of it.
        errno = _manager.NewBlock(BtreeNodeValidator.Instance, out var middleBlock);
        if (errno != Errno.None)
            return errno;
        var left = new BtreeNode(leftBlock.Data);
        var middle = new BtreeNode(middleBlock.Data);
        var right = spine.Current;
        middle.BecomeEmptySiblingOf(left);
        Redistribute(left, middle, right);
        parent.SetKey(index, right.Key(0));
        errno = InsertChild(parent, index, middle.Key(0), middleBlock.Location);
        if (errno != Errno.None)
        {
            _manager.Unlock(leftBlock);
            _manager.Unlock(middleBlock);
            return errno;
        }
        bool inLeft = key < middle.Key(0);
        bool inMiddle = !inLeft && key < right.Key(0);
        ContinueWith(ref spine, leftBlock, inLeft);
        ContinueWith(ref spine, middleBlock, inMiddle);
        return Errno.None;
    }

    private Errno InsertChild(BtreeNode parent, int index, ulong key, ulong location)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, location);
        return InsertAt(parent, index, key, value);
    }

    /// <summary>Of the node reached and another, keeps the one that the key belongs to and unlocks the other.</summary>
    private void ContinueWith(ref ShadowSpine spine, MetadataBlock other, bool keyIsInOther)
    {
        if (!keyIsInOther)
        {
            _manager.Unlock(other);
            return;
        }
        _manager.Unlock(spine.CurrentBlock);
        spine.ReplaceCurrent(other);
    }

    /// <summary>redistribute2: evens out two siblings; of an odd number the right one has more.</summary>
    private static void Redistribute(BtreeNode left, BtreeNode right)
    {
        unchecked
        {
            uint leftCount = left.Count;
            uint rightCount = right.Count;
            uint total = leftCount + rightCount;
            uint leftTarget = total / 2;
            if (leftCount < leftTarget)
            {
                uint moved = leftTarget - leftCount;
                left.CopyFrom(right, 0, leftCount, moved);
                right.CopyFrom(right, moved, 0, rightCount - moved);
            }
            else if (leftCount > leftTarget)
            {
                uint moved = leftCount - leftTarget;
                if (rightCount != 0)
                    right.CopyFrom(right, 0, moved, rightCount);
                right.CopyFrom(left, leftTarget, 0, moved);
            }
            left.Count = leftTarget;
            right.Count = total - leftTarget;
        }
    }

    /// <summary>redistribute3: spreads two siblings over three, the one between being empty.</summary>
    private static void Redistribute(BtreeNode left, BtreeNode center, BtreeNode right)
    {
        unchecked
        {
            uint leftCount = left.Count;
            uint rightCount = right.Count;
            uint total = leftCount + rightCount;
            uint leftTarget = total / 3;
            uint centerTarget = (total - leftTarget) / 2;
            uint rightTarget = total - leftTarget - centerTarget;
            if (leftCount < leftTarget)
            {
                uint missing = leftTarget - leftCount;
                left.CopyFrom(right, 0, leftCount, missing);
                center.CopyFrom(right, missing, 0, centerTarget);
                ShiftDown(right, rightCount - rightTarget);
            }
            else if (leftCount < leftTarget + centerTarget)
            {
                uint toCenter = leftCount - leftTarget;
                center.CopyFrom(left, leftTarget, 0, toCenter);
                center.CopyFrom(right, 0, toCenter, centerTarget - toCenter);
                ShiftDown(right, rightCount - rightTarget);
            }
            else
            {
                uint missing = rightTarget - rightCount;
                right.CopyFrom(right, 0, missing, rightCount);
                right.CopyFrom(left, leftCount - missing, 0, missing);
                center.CopyFrom(left, leftTarget, 0, leftCount - leftTarget);
            }
            left.Count = leftTarget;
            center.Count = centerTarget;
            right.Count = rightTarget;
        }
    }

    private static void ShiftDown(BtreeNode node, uint count) =>
        node.CopyFrom(node, count, 0, unchecked(node.Count - count));
}
