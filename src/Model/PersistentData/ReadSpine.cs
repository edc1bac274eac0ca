using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>The way down a tree that is only read: the node reached and its parent, locked (struct ro_spine).</summary>
internal struct ReadSpine(TransactionManager manager)
{
    private MetadataBlock? _parent;
    private MetadataBlock? _current;

    public readonly BtreeNode Current => new(_current!.Data);

    /// <summary>ro_step.</summary>
    public Errno Step(ulong location)
    {
        if (_parent is not null)
        {
            manager.Unlock(_parent);
            _parent = null;
        }
        var errno = manager.ReadLock(location, BtreeNodeValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        _parent = _current;
        _current = block;
        return Errno.None;
    }

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
