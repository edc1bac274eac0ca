using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <content>
/// Removal. On the way down the children of every node are evened out first, so that the one gone to can lose an entry and still have a
/// third of what fits (dm-btree-remove.c, 6.1).
/// </content>
public sealed partial class Btree
{
    /// <summary>dm_btree_remove.</summary>
    /// <param name="root">The tree; on success where it is now.</param>
    /// <param name="keys">One per level. Upper trees keep their entry even when the tree below is empty.</param>
    /// <returns>ENODATA when there is no such entry.</returns>
    public Errno Remove(ref ulong root, ReadOnlySpan<ulong> keys)
    {
        var spine = new ShadowSpine(_manager);
        ulong location = root;
        int index = 0;
        var errno = Errno.None;
        for (int level = 0; errno == Errno.None && level < _levels; level++)
        {
            bool last = level == _levels - 1;
            errno = FindForRemoval(ref spine, location, last ? _valueType : _rootType, keys[level], ref index);
            if (errno == Errno.None && !spine.Current.HasKeyAt(keys[level], index))
                errno = Errno.ENODATA;
            if (errno == Errno.None && !last)
                location = spine.Current.Child(index);
        }
        if (errno == Errno.None)
        {
            RemoveAt(spine.Current, index);
            root = spine.Root!.Value;
        }
        spine.Unlock();
        return errno;
    }

    /// <summary>
    /// dm_btree_remove_leaves, for a tree of one level: removes a run of consecutive keys, up to the first that is missing. The tree moves
    /// even when that fails halfway.
    /// </summary>
    /// <param name="root">The tree.</param>
    /// <param name="key">In: the first key. Out: behind the last one removed.</param>
    /// <param name="endKey">The key behind the last one to be removed.</param>
    /// <param name="removedCount">How many entries are gone.</param>
    public Errno RemoveLeaves(ref ulong root, ref ulong key, ulong endKey, out uint removedCount)
    {
        removedCount = 0;
        Errno errno;
        while ((errno = RemoveNearest(ref root, ref key, endKey)) == Errno.None)
            removedCount++;
        return errno == Errno.ENODATA ? Errno.None : errno;
    }

    /// <summary>remove_one.</summary>
    private Errno RemoveNearest(ref ulong root, ref ulong key, ulong endKey)
    {
        var spine = new ShadowSpine(_manager);
        int index = 0;
        var errno = FindForRemoval(ref spine, root, _valueType, key, ref index);
        if (errno == Errno.None)
        {
            var node = spine.Current;
            index = Math.Max(index, 0);
            ulong found = node.Key(index);
            if (index < node.Count && found >= key && found < endKey)
            {
                RemoveAt(node, index);
                key = unchecked(found + 1);
            }
            else
            {
                errno = Errno.ENODATA;
            }
        }
        root = spine.Root ?? root;
        spine.Unlock();
        return errno;
    }

    private void RemoveAt(BtreeNode node, int index)
    {
        _valueType.Decrement(node.Block, node.ValueOffset(index), 1);
        if (!node.TryDelete(index))
            _log.KernelBug("delete_at");
    }

    /// <summary>remove_raw and remove_nearest: shadows the way to a leaf, and finds there the key or the one below it.</summary>
    private Errno FindForRemoval(
        ref ShadowSpine spine, ulong location, BtreeValueType valueType, ulong key, ref int index)
    {
        int entry = index;
        for (int steps = 0; steps < StepsMax; steps++)
        {
            var errno = spine.Step(location, valueType);
            if (errno != Errno.None)
                return errno;
            if (spine.HasParent)
                spine.PatchParent(entry);
            if (!spine.Current.IsLeaf)
            {
                errno = RebalanceChildren(ref spine, valueType, key);
                if (errno != Errno.None)
                    return errno;
            }
            // An only child takes its parent's place, which may make that a leaf.
            var node = spine.Current;
            entry = node.LowerBound(key);
            if (node.IsLeaf)
            {
                index = entry;
                return Errno.None;
            }
            if (entry < 0)
                break;
            location = node.Child(entry);
        }
        return Endless("remove_raw");
    }

    /// <summary>rebalance_children.</summary>
    private Errno RebalanceChildren(ref ShadowSpine spine, BtreeValueType valueType, ulong key)
    {
        var node = spine.Current;
        uint count = node.Count;
        if (count == 1)
            return ReplaceByOnlyChild(node, valueType);
        int index = node.LowerBound(key);
        if (index < 0)
            return Errno.ENODATA;
        if (index == 0)
            return RebalanceTwo(node, valueType, 0);
        return index >= unchecked(count - 1)
            ? RebalanceTwo(node, valueType, index - 1)
            : RebalanceThree(node, valueType, index - 1);
    }

    private Errno ReplaceByOnlyChild(BtreeNode node, BtreeValueType valueType)
    {
        ulong location = node.Child(0);
        var errno = _manager.IsShared(location, out bool shared);
        if (errno != Errno.None)
            return errno;
        errno = _manager.ReadLock(location, BtreeNodeValidator.Instance, out var child);
        if (errno != Errno.None)
            return errno;
        if (shared)
            BtreeShadow.IncrementChildren(_manager, new BtreeNode(child.Data), valueType);
        child.Data.AsSpan().CopyTo(node.Block);
        _manager.Decrement(child.Location);
        _manager.Unlock(child);
        return Errno.None;
    }

    /// <summary>A child of the node reached: struct child.</summary>
    private readonly record struct Child(int Index, MetadataBlock Block)
    {
        public BtreeNode Node => new(Block.Data);
    }

    /// <summary>init_child.</summary>
    private Errno TakeChild(BtreeNode parent, BtreeValueType valueType, int index, out Child child)
    {
        var errno = ShadowChild(parent, index, valueType, out var block);
        child = new Child(index, block);
        return errno;
    }

    /// <summary>rebalance2.</summary>
    private Errno RebalanceTwo(BtreeNode parent, BtreeValueType valueType, int leftIndex)
    {
        var errno = TakeChild(parent, valueType, leftIndex, out var left);
        if (errno != Errno.None)
            return errno;
        errno = TakeChild(parent, valueType, leftIndex + 1, out var right);
        if (errno == Errno.None)
        {
            errno = EvenOutOrMerge(parent, left, right);
            _manager.Unlock(left.Block);
            _manager.Unlock(right.Block);
            return errno;
        }
        _manager.Unlock(left.Block);
        return errno;
    }

    /// <summary>
    /// __rebalance2: merges two children that together have too little to lose an entry each, otherwise gives both the same.
    /// </summary>
    private Errno EvenOutOrMerge(BtreeNode parent, Child leftChild, Child rightChild)
    {
        unchecked
        {
            var left = leftChild.Node;
            var right = rightChild.Node;
            uint leftCount = left.Count;
            uint rightCount = right.Count;
            if (leftCount + rightCount < 2 * (MergeThreshold(left) + 1))
            {
                // What the copy answers is not looked at, here and in DeleteCenter.
                CopyBetween(left, right, -(int)rightCount);
                left.Count = leftCount + rightCount;
                DeleteFromParent(parent, rightChild.Index);
                _manager.Decrement(rightChild.Block.Location);
                return Errno.None;
            }
            var errno = Shift(left, right, (int)(leftCount - (leftCount + rightCount) / 2));
            if (errno == Errno.None)
                parent.SetKey(rightChild.Index, right.Key(0));
            return errno;
        }
    }

    /// <summary>rebalance3.</summary>
    private Errno RebalanceThree(BtreeNode parent, BtreeValueType valueType, int leftIndex)
    {
        var errno = TakeChild(parent, valueType, leftIndex, out var left);
        if (errno != Errno.None)
            return errno;
        errno = TakeChild(parent, valueType, leftIndex + 1, out var center);
        if (errno == Errno.None)
        {
            errno = TakeChild(parent, valueType, leftIndex + 2, out var right);
            if (errno == Errno.None)
            {
                errno = EvenOutThree(parent, left, center, right);
                _manager.Unlock(left.Block);
                _manager.Unlock(center.Block);
                _manager.Unlock(right.Block);
                return errno;
            }
            _manager.Unlock(left.Block);
            _manager.Unlock(center.Block);
            return errno;
        }
        _manager.Unlock(left.Block);
        return errno;
    }

    /// <summary>__rebalance3.</summary>
    private Errno EvenOutThree(BtreeNode parent, Child left, Child center, Child right)
    {
        uint maxEntries = left.Node.MaxEntries;
        if (maxEntries != center.Node.MaxEntries || maxEntries != right.Node.MaxEntries)
        {
            _log.Err(Module, "bad btree metadata, max_entries differ");
            return Errno.EILSEQ;
        }
        uint total = unchecked(left.Node.Count + center.Node.Count + right.Node.Count);
        return total < unchecked(MergeThreshold(left.Node) * 4 + 1)
            ? DeleteCenter(parent, left, center, right)
            : SpreadOverThree(parent, left, center, right, total);
    }

    /// <summary>delete_center_node: fills the left child from the center, the right one with the rest, then evens these two out.</summary>
    private Errno DeleteCenter(BtreeNode parent, Child leftChild, Child centerChild, Child rightChild)
    {
        unchecked
        {
            var left = leftChild.Node;
            var center = centerChild.Node;
            var right = rightChild.Node;
            uint leftCount = left.Count;
            uint centerCount = center.Count;
            uint rightCount = right.Count;
            uint maxEntries = left.MaxEntries;
            uint toLeft = Math.Min(maxEntries - leftCount, centerCount);
            if (leftCount + toLeft > maxEntries)
                return OutOfBounds();
            CopyBetween(left, center, -(int)toLeft);
            left.Count = leftCount + toLeft;
            if (toLeft != centerCount)
            {
                uint toRight = centerCount - toLeft;
                if (rightCount + toRight > maxEntries)
                    return OutOfBounds();
                right.CopyFrom(right, 0, toRight, rightCount);
                CopyBetween(center, right, (int)toRight);
                right.Count = rightCount + toRight;
            }
            parent.SetKey(rightChild.Index, right.Key(0));
            DeleteFromParent(parent, centerChild.Index);
            _manager.Decrement(centerChild.Block.Location);
            return EvenOutOrMerge(parent, leftChild, rightChild with { Index = rightChild.Index - 1 });
        }
    }

    /// <summary>redistribute3 of dm-btree-remove.c; of a remainder the left child has most.</summary>
    private Errno SpreadOverThree(BtreeNode parent, Child leftChild, Child centerChild, Child rightChild, uint total)
    {
        unchecked
        {
            var left = leftChild.Node;
            var center = centerChild.Node;
            var right = rightChild.Node;
            uint rightTarget = total / 3;
            uint leftTarget = rightTarget + (rightTarget * 3 != total ? 1u : 0u);
            if (leftTarget > left.MaxEntries)
            {
                _log.KernelBug("redistribute3");
                return Errno.EIO;
            }
            var errno = left.Count < right.Count
                ? SpreadFromRight(left, center, right, leftTarget, rightTarget)
                : SpreadFromLeft(left, center, right, leftTarget, rightTarget);
            if (errno != Errno.None)
                return errno;
            parent.SetKey(centerChild.Index, center.Key(0));
            parent.SetKey(rightChild.Index, right.Key(0));
            return Errno.None;
        }
    }

    private Errno SpreadFromRight(BtreeNode left, BtreeNode center, BtreeNode right, uint leftTarget, uint rightTarget)
    {
        unchecked
        {
            uint centerCount = center.Count;
            uint rightCount = right.Count;
            int excess = (int)(left.Count - leftTarget);
            Errno errno;
            if (excess < 0 && centerCount < (uint)-excess)
            {
                errno = Shift(left, center, -(int)centerCount);
                if (errno != Errno.None)
                    return errno;
                excess += (int)centerCount;
                errno = Shift(left, right, excess);
                rightCount += (uint)excess;
            }
            else
            {
                errno = Shift(left, center, excess);
            }
            return errno != Errno.None ? errno : Shift(center, right, (int)(rightTarget - rightCount));
        }
    }

    private Errno SpreadFromLeft(BtreeNode left, BtreeNode center, BtreeNode right, uint leftTarget, uint rightTarget)
    {
        unchecked
        {
            uint leftCount = left.Count;
            uint centerCount = center.Count;
            int missing = (int)(rightTarget - right.Count);
            Errno errno;
            if (missing > 0 && centerCount < (uint)missing)
            {
                errno = Shift(center, right, (int)centerCount);
                if (errno != Errno.None)
                    return errno;
                missing -= (int)centerCount;
                errno = Shift(left, right, missing);
                leftCount -= (uint)missing;
            }
            else
            {
                errno = Shift(center, right, missing);
            }
            return errno != Errno.None ? errno : Shift(left, center, (int)(leftCount - leftTarget));
        }
    }

    private static uint MergeThreshold(BtreeNode node) => node.MaxEntries / 3;

    private void DeleteFromParent(BtreeNode parent, int index)
    {
        if (!parent.TryDelete(index))
            _log.KernelBug("delete_at");
    }

    private Errno OutOfBounds()
    {
        _log.Err(Module, "node shift out of bounds");
        return Errno.EINVAL;
    }

    /// <summary>shift: moves the last entries of the left node to the right one, or, when negative, the first ones back.</summary>
    private Errno Shift(BtreeNode left, BtreeNode right, int count)
    {
        unchecked
        {
            uint leftCount = left.Count;
            uint rightCount = right.Count;
            uint maxEntries = left.MaxEntries;
            if (maxEntries != right.MaxEntries)
            {
                _log.Err(Module, "node max_entries mismatch");
                return Errno.EILSEQ;
            }
            if (leftCount - (uint)count > maxEntries || rightCount + (uint)count > maxEntries)
                return OutOfBounds();
            if (count == 0)
                return Errno.None;
            if (count > 0)
                right.CopyFrom(right, 0, count, rightCount);
            var errno = CopyBetween(left, right, count);
            if (errno != Errno.None)
                return errno;
            if (count < 0)
                right.CopyFrom(right, -count, 0, rightCount + (uint)count);
            left.Count = leftCount - (uint)count;
            right.Count = rightCount + (uint)count;
            return Errno.None;
        }
    }

    /// <summary>
    /// node_copy: the last entries of the left node to the start of the right one, or, when negative, the first ones of the right
    /// behind those of the left. The counts stay.
    /// </summary>
    private Errno CopyBetween(BtreeNode left, BtreeNode right, int count)
    {
        unchecked
        {
            if (left.ValueSize != right.ValueSize)
            {
                _log.Err(Module, "mismatched value size");
                return Errno.EILSEQ;
            }
            uint leftCount = left.Count;
            bool toLeft = count < 0;
            if (toLeft ? leftCount + (uint)-count > left.MaxEntries : (uint)count > right.MaxEntries)
            {
                _log.Err(Module, "bad shift");
                return Errno.EINVAL;
            }
            if (toLeft)
                left.CopyFrom(right, 0, leftCount, -count);
            else
                right.CopyFrom(left, (long)leftCount - count, 0, count);
            return Errno.None;
        }
    }
}
