using DmSim.Abi;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <content>How much there is, how much is left, growing, and the metadata snapshot.</content>
public sealed partial class PoolMetadata
{
    /// <summary>dm_pool_get_free_block_count.</summary>
    public Errno GetFreeDataBlocks(out DataBlock free)
    {
        free = new DataBlock(_failIo ? 0 : Live.DataSpace.FreeCount);
        return _failIo ? Errno.EINVAL : Errno.None;
    }

    /// <summary>dm_pool_get_free_metadata_block_count: without what is kept back for commits.</summary>
    public Errno GetFreeMetadataBlocks(out MetadataBlockNumber free)
    {
        free = default;
        if (_failIo)
            return Errno.EINVAL;
        ulong count = Live.MetadataSpace.FreeCount;
        free = new MetadataBlockNumber(count < _metadataReserve ? 0 : count - _metadataReserve);
        return Errno.None;
    }

    /// <summary>dm_pool_get_metadata_dev_size.</summary>
    public Errno GetMetadataDeviceSize(out MetadataBlockNumber size)
    {
        size = new MetadataBlockNumber(_failIo ? 0 : Live.MetadataSpace.BlockCount);
        return _failIo ? Errno.EINVAL : Errno.None;
    }

    /// <summary>dm_pool_get_data_dev_size.</summary>
    public Errno GetDataDeviceSize(out DataBlock size)
    {
        size = new DataBlock(_failIo ? 0 : Live.DataSpace.BlockCount);
        return _failIo ? Errno.EINVAL : Errno.None;
    }

    /// <summary>dm_pool_resize_data_dev.</summary>
    public Errno ResizeDataDevice(DataBlock size)
    {
        PutInService();
        return _failIo ? Errno.EINVAL : Resize(Live.DataSpace, size.Value);
    }

    /// <summary>dm_pool_resize_metadata_dev.</summary>
    public Errno ResizeMetadataDevice(MetadataBlockNumber size)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        var errno = Resize(Live.MetadataSpace, size.Value);
        if (errno == Errno.None)
            SetMetadataReserve();
        return errno;
    }

    /// <summary>__resize_space_map.</summary>
    private Errno Resize(ISpaceMap map, ulong size)
    {
        ulong old = map.BlockCount;
        if (size == old)
            return Errno.None;
        if (size < old)
        {
            _log.Err(Module, "cannot reduce size of space map");
            return Errno.EINVAL;
        }
        return map.Extend(size - old);
    }

    /// <summary>dm_pool_register_metadata_threshold: called once when so few metadata blocks, or less, are free.</summary>
    public Errno RegisterMetadataThreshold(MetadataBlockNumber free, Action reached)
    {
        if (_failIo)
            return Errno.EINVAL;
        Live.MetadataSpace.RegisterThreshold(free.Value, reached);
        return Errno.None;
    }

    /// <summary>dm_pool_get_metadata_snap: the block of the held superblock, 0 when there is none.</summary>
    public Errno GetMetadataSnap(out MetadataBlockNumber heldRoot)
    {
        heldRoot = new MetadataBlockNumber(_heldRoot);
        return _failIo ? Errno.EINVAL : Errno.None;
    }

    /// <summary>
    /// dm_pool_reserve_metadata_snap: a copy of the superblock without space maps, whose trees have one user more, for programs to read
    /// while the pool goes on. EBUSY when there is one.
    /// </summary>
    public Errno ReserveMetadataSnap()
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        if (_heldRootIsKnown && _heldRoot != 0)
            return ExistsAlready();
        var errno = CommitTransaction();
        if (errno != Errno.None)
        {
            _log.Warn(Module, $"__reserve_metadata_snap: __commit_transaction() failed, error = {-(int)errno}");
            return errno;
        }
        // With a second reference shadowing the superblock copies it, and leaves it where it is.
        Live.MetadataSpace.Increment(ThinSuperblock.Location);
        errno = Live.Manager.Shadow(ThinSuperblock.Location, ThinSuperblockValidator.Instance, out var copy, out bool shared);
        if (errno != Errno.None)
        {
            if (_heldRootIsKnown)
                Live.MetadataSpace.Decrement(ThinSuperblock.Location);
            return errno;
        }
        if (!shared)
            _log.KernelBug("__reserve_metadata_snap");
        if (_heldRoot != 0)
        {
            Live.Manager.Decrement(copy.Location);
            Live.Manager.Unlock(copy);
            return ExistsAlready();
        }
        var super = new ThinSuperblock(copy.Data);
        super.DataSpaceMapRoot.Clear();
        super.MetadataSpaceMapRoot.Clear();
        Live.Manager.Increment(super.DataMappingRoot);
        Live.Manager.Increment(super.DeviceDetailsRoot);
        _heldRoot = copy.Location;
        Live.Manager.Unlock(copy);
        return Errno.None;
    }

    private Errno ExistsAlready()
    {
        _log.Warn(Module, "Pool metadata snapshot already exists: release this before taking another.");
        return Errno.EBUSY;
    }

    /// <summary>dm_pool_release_metadata_snap: EINVAL when there is none.</summary>
    public Errno ReleaseMetadataSnap()
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        ulong held = _heldRoot;
        if (held == 0)
        {
            _log.Warn(Module, "No pool metadata snapshot found: nothing to release.");
            return Errno.EINVAL;
        }
        var errno = Live.Manager.ReadLock(held, ThinSuperblockValidator.Instance, out var copy);
        if (errno != Errno.None)
            return errno;
        _heldRoot = 0;
        var super = new ThinSuperblock(copy.Data);
        Live.Mappings.Delete(super.DataMappingRoot);
        Live.Details.Delete(super.DeviceDetailsRoot);
        Live.Manager.Unlock(copy);
        Live.MetadataSpace.Decrement(held);
        return Errno.None;
    }
}
