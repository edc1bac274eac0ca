using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <content>Giving up a whole tree (dm_btree_del, 6.1).</content>
public sealed partial class Btree
{
    /// <summary>MAX_SPINE_DEPTH.</summary>
    private const int DeletionDepthMax = 64;

    /// <summary>struct frame: a node that nobody else uses, and how many of its children are done.</summary>
    private struct Frame
    {
        public MetadataBlock Block;
        public int Level;
        public uint ChildCount;
        public uint Next;

        public readonly BtreeNode Node => new(Block.Data);
    }

    /// <summary>
    /// dm_btree_del: one reference less to the tree; what only this tree used is free afterwards, down to the values. On failure
    /// it may be half gone.
    /// </summary>
    public Errno Delete(ulong root)
    {
        var frames = new Stack<Frame>();
        // Every node descended into loses its last reference, so there are no more of them than blocks, unless they form a circle.
        ulong framesLeft = _manager.Blocks.BlockCount + DeletionDepthMax;
        var errno = PushFrame(frames, root, 0);
        while (errno == Errno.None && frames.TryPop(out var frame))
        {
            if (frame.Next >= frame.ChildCount)
            {
                Finish(frame);
                continue;
            }
            var node = frame.Node;
            if (node.IsInternal || frame.Level < _levels - 1)
            {
                ulong child = node.Child(frame.Next++);
                frames.Push(frame);
                if (framesLeft == 0)
                {
                    errno = Endless("dm_btree_del");
                    continue;
                }
                framesLeft--;
                errno = PushFrame(frames, child, node.IsInternal ? frame.Level : frame.Level + 1);
                continue;
            }
            _valueType.Decrement(node.Block, node.ValueOffset(0), frame.ChildCount);
            Finish(frame);
        }
        while (frames.TryPop(out var unfinished))
            _manager.Unlock(unfinished.Block);
        return errno;
    }

    private void Finish(Frame frame)
    {
        _manager.Decrement(frame.Block.Location);
        _manager.Unlock(frame.Block);
    }

    private Errno PushFrame(Stack<Frame> frames, ulong location, int level)
    {
        if (frames.Count >= DeletionDepthMax)
        {
            _log.Err(Module, "btree deletion stack out of memory");
            return Errno.ENOMEM;
        }
        var errno = _manager.GetCount(location, out uint references);
        if (errno != Errno.None)
            return errno;
        if (references > 1)
        {
            _manager.Decrement(location);
            return Errno.None;
        }
        errno = _manager.ReadLock(location, BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var node = new BtreeNode(block.Data);
        if (node.IsInternal || level < _levels - 1)
            for (uint i = 0; i < node.Count; i++)
                _manager.Blocks.Prefetch(node.Child(i));
        frames.Push(new Frame { Block = block, Level = level, ChildCount = node.Count });
        return Errno.None;
    }
}
