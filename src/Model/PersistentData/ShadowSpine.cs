using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// The way down a tree that is being changed: the node reached and its parent, both shadowed and locked (struct shadow_spine).
/// </summary>
internal struct ShadowSpine(TransactionManager manager)
{
    private MetadataBlock? _parent;
    private MetadataBlock? _current;

    /// <summary>The shadow of the root, once the first step is done.</summary>
    public ulong? Root { get; private set; }

    public readonly bool HasParent => _parent is not null;

    public readonly BtreeNode Parent => new(_parent!.Data);

    public readonly BtreeNode Current => new(_current!.Data);

    public readonly MetadataBlock CurrentBlock => _current!;

    /// <summary>shadow_step: goes on to a node, whose parent is then the one reached before. On failure that one is still locked.</summary>
    public Errno Step(ulong location, BtreeValueType valueType)
    {
        if (_parent is not null)
            manager.Unlock(_parent);
        _parent = _current;
        _current = null;
        var errno = BtreeShadow.Make(manager, location, valueType, out var block);
        if (errno != Errno.None)
        {
            _current = _parent;
            _parent = null;
            return errno;
        }
        _current = block;
        Root ??= block.Location;
        return Errno.None;
    }

    /// <summary>Writes where the shadow is into the parent's entry.</summary>
    public readonly void PatchParent(long index) => Parent.SetChild(index, _current!.Location);

    /// <summary>After making room: goes on with another node instead of the one reached, which the caller unlocks.</summary>
    public void ReplaceCurrent(MetadataBlock block) => _current = block;

    /// <summary>Hands the node reached, still locked, to the caller.</summary>
    public MetadataBlock TakeCurrent()
    {
        var block = _current!;
        _current = null;
        return block;
    }

    /// <summary>exit_shadow_spine.</summary>
    public void Unlock()
    {
        if (_parent is not null)
            manager.Unlock(_parent);
        if (_current is not null)
            manager.Unlock(_current);
        _parent = null;
        _current = null;
    }
}

internal static class BtreeShadow
{
    /// <summary>bn_shadow: shadows a node, and counts its children once more when others still use the original.</summary>
    public static Errno Make(TransactionManager manager, ulong location, BtreeValueType valueType, out MetadataBlock block)
    {
        var errno = manager.Shadow(location, BtreeNodeValidator.Instance, out block, out bool incrementChildren);
        if (errno == Errno.None && incrementChildren)
            IncrementChildren(manager, new BtreeNode(block.Data), valueType);
        return errno;
    }

    /// <summary>inc_children.</summary>
    public static void IncrementChildren(TransactionManager manager, BtreeNode node, BtreeValueType valueType)
    {
        if (node.IsInternal)
            manager.IncrementRuns(node.Block, node.ValueOffset(0), node.Count);
        else
            valueType.Increment(node.Block, node.ValueOffset(0), node.Count);
    }
}
