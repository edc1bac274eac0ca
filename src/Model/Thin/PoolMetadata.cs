using DmSim.Abi;
using DmSim.Model.PersistentData;
using DmSim.Model.Profiles;

namespace DmSim.Model.Thin;

/// <summary>
/// A pool's metadata: which data block every block of every thin device is in. dm-thin-metadata.c (6.1), on the disk format of that
/// file. Changes are in memory until <see cref="Commit"/>; a failure leaves the transaction to be given up by <see cref="Abort"/>.
/// </summary>
public sealed partial class PoolMetadata
{
    internal const string Module = "thin metadata";

    /// <summary>THIN_METADATA_BLOCK_SIZE.</summary>
    private const uint MetadataBlockSizeSectors = 8;

    /// <summary>16 MiB: no more than this is kept back for commits.</summary>
    private const ulong ReserveBlocksMax = 4096;

    private readonly IMetadataLog _log;
    private readonly IMetadataStore _store;
    private readonly KernelProfile _profile;
    private BlockManager _blocks;
    private readonly ThinDeviceList _devices = new();

    private Objects? _objects;
    private uint _dataBlockSizeSectors;
    private uint _time;
    private ulong _root;
    private ulong _detailsRoot;
    private ulong _heldRoot;
    private readonly bool _heldRootIsKnown;
    private ulong _transactionId;
    private uint _flags;
    private ulong _metadataReserve;

    // The transaction could not even be given up: all that is left to do is to close.
    private bool _failIo;

    // A pool that nobody has used yet writes nothing.
    private bool _inService;

    private PoolMetadata(IMetadataStore store, IMetadataLog log, Sectors dataBlockSize, KernelProfile profile)
    {
        _log = log;
        _store = store;
        _profile = profile;
        _blocks = NewBlockManager();
        _heldRootIsKnown = profile.Has(KernelRule.HeldRootKnown);
        _dataBlockSizeSectors = unchecked((uint)dataBlockSize.Value);
    }

    private BlockManager NewBlockManager() => new(_store, _log,
        countsRanges: _profile.Has(KernelRule.SpaceMapsCountRanges), keepsPlaces: _profile.Has(KernelRule.BlocksKeepPlaces));

    /// <summary>What is made anew when a transaction is given up: the space maps, the transaction manager and the trees over them.</summary>
    private sealed class Objects
    {
        public Objects(TransactionManager manager, MetadataSpaceMap metadataSpace, DiskSpaceMap dataSpace, IMetadataLog log)
        {
            Manager = manager;
            MetadataSpace = metadataSpace;
            DataSpace = dataSpace;
            var mapping = new MappingValueType(dataSpace);
            Mappings = new Btree(manager, 2, mapping);
            NonBlockingMappings = new Btree(manager.CreateNonBlockingClone(), 2, mapping);
            DeviceMappings = new Btree(manager, 1, mapping);
            DeviceTrees = new Btree(manager, 1, new DeviceTreeValueType(manager, DeviceMappings, log));
            Details = new Btree(manager, 1, new PlainValueType(DeviceDetails.Bytes));
        }

        public TransactionManager Manager { get; }
        public MetadataSpaceMap MetadataSpace { get; }
        public DiskSpaceMap DataSpace { get; }

        /// <summary>Device, virtual block → mapping (info).</summary>
        public Btree Mappings { get; }

        /// <summary>nb_info.</summary>
        public Btree NonBlockingMappings { get; }

        /// <summary>Virtual block → mapping, within one device (bl_info).</summary>
        public Btree DeviceMappings { get; }

        /// <summary>Device → its tree (tl_info).</summary>
        public Btree DeviceTrees { get; }

        /// <summary>Device → details (details_info).</summary>
        public Btree Details { get; }
    }

    /// <summary>Nothing but Close and Abort comes here while there are none.</summary>
    private Objects Live => _objects ?? throw new InvalidOperationException("pool metadata were used after they failed");

    /// <summary>dm_pool_metadata_open.</summary>
    /// <param name="store">The metadata device.</param>
    /// <param name="log">Where failures are told.</param>
    /// <param name="dataBlockSize">Must be what the metadata say.</param>
    /// <param name="formatDevice">Whether a device whose first block is all zeroes gets new metadata, or is refused with EPERM.</param>
    /// <param name="metadata">To be closed, when the answer is None.</param>
    /// <param name="profile">The kernel; 6.1 where it does not matter.</param>
    public static Errno Open(
        IMetadataStore store, IMetadataLog log, Sectors dataBlockSize, bool formatDevice, out PoolMetadata metadata,
        KernelProfile? profile = null)
    {
        metadata = new PoolMetadata(store, log, dataBlockSize, profile ?? KernelProfile.Linux61);
        var errno = metadata.OpenOrFormat(formatDevice);
        if (errno != Errno.None)
        {
            metadata._blocks.Reset();
            return errno;
        }
        errno = metadata.BeginTransaction();
        if (errno != Errno.None)
        {
            if (metadata.Close() != Errno.None)
                log.Warn(Module, "dm_pool_metadata_open: dm_pool_metadata_close() failed.");
            return errno;
        }
        metadata.SetMetadataReserve();
        return Errno.None;
    }

    /// <summary>dm_pool_metadata_close: commits, unless that is not allowed. EBUSY while devices are open.</summary>
    public Errno Close()
    {
        int open = _devices.RemoveClosed();
        if (open > 0)
        {
            _log.Err(Module, $"attempt to close pmd when {open} device(s) are still open");
            return Errno.EBUSY;
        }
        if (!_failIo && !_blocks.ReadOnly)
        {
            var errno = CommitTransaction();
            if (errno != Errno.None)
                _log.Warn(Module, $"dm_pool_metadata_close: __commit_transaction() failed, error = {-(int)errno}");
        }
        _objects = null;
        _blocks.Reset();
        return Errno.None;
    }

    private Errno OpenOrFormat(bool formatDevice)
    {
        // Not as a superblock: it may be all zeroes.
        var errno = _blocks.ReadLock(ThinSuperblock.Location, null, out var block);
        if (errno != Errno.None)
            return errno;
        bool unformatted = !block.Data.AsSpan().ContainsAnyExcept((byte)0);
        _blocks.Unlock(block);
        if (!unformatted)
            return OpenExisting();
        return formatDevice ? Format() : Errno.EPERM;
    }

    /// <summary>__format_metadata.</summary>
    private Errno Format()
    {
        var errno = TransactionManager.Create(_blocks, ThinSuperblock.Location, out var manager, out var metadataSpace);
        if (errno != Errno.None)
        {
            _log.Err(Module, "tm_create_with_sm failed");
            return errno;
        }
        errno = DiskSpaceMap.Create(manager, 0, out var dataSpace);
        if (errno != Errno.None)
        {
            _log.Err(Module, "sm_disk_create failed");
            return errno;
        }
        _objects = new Objects(manager, metadataSpace, dataSpace, _log);
        errno = Live.Mappings.CreateEmpty(out _root);
        if (errno == Errno.None)
        {
            errno = Live.Details.CreateEmpty(out _detailsRoot);
            if (errno != Errno.None)
                _log.Err(Module, "couldn't create devices root");
        }
        if (errno == Errno.None)
            errno = WriteInitialSuperblock();
        if (errno != Errno.None)
            _objects = null;
        return errno;
    }

    /// <summary>__write_initial_superblock.</summary>
    private Errno WriteInitialSuperblock()
    {
        var errno = Live.DataSpace.Commit();
        if (errno == Errno.None)
            errno = Live.Manager.PreCommit();
        if (errno != Errno.None)
            return errno;
        errno = _blocks.WriteLockZero(ThinSuperblock.Location, ThinSuperblockValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var super = new ThinSuperblock(block.Data);
        super.Magic = ThinSuperblock.ExpectedMagic;
        super.Version = ThinSuperblock.ExpectedVersion;
        CopySpaceMapRoots(super);
        super.DataMappingRoot = _root;
        super.DeviceDetailsRoot = _detailsRoot;
        super.MetadataBlockSizeSectors = MetadataBlockSizeSectors;
        super.MetadataBlockCount = Math.Min(_blocks.BlockCount, MetadataSpaceMap.BlocksMax);
        super.DataBlockSizeSectors = _dataBlockSizeSectors;
        return Live.Manager.Commit(block);
    }

    private void CopySpaceMapRoots(ThinSuperblock super)
    {
        super.MetadataSpaceMapRoot.Clear();
        super.DataSpaceMapRoot.Clear();
        Live.MetadataSpace.CopyRoot(super.MetadataSpaceMapRoot);
        Live.DataSpace.CopyRoot(super.DataSpaceMapRoot);
    }

    /// <summary>__open_metadata.</summary>
    private Errno OpenExisting()
    {
        var errno = _blocks.ReadLock(ThinSuperblock.Location, ThinSuperblockValidator.Instance, out var block);
        if (errno != Errno.None)
        {
            _log.Err(Module, "couldn't read superblock");
            return errno;
        }
        errno = OpenFrom(new ThinSuperblock(block.Data));
        _blocks.Unlock(block);
        return errno;
    }

    private Errno OpenFrom(ThinSuperblock super)
    {
        if (super.DataBlockSizeSectors != _dataBlockSizeSectors)
        {
            _log.Err(Module, $"changing the data block size (from {super.DataBlockSizeSectors} to {_dataBlockSizeSectors}) is not supported");
            return Errno.EINVAL;
        }
        var errno = CheckFeatures(super);
        if (errno != Errno.None)
            return errno;
        errno = TransactionManager.Open(_blocks, super.MetadataSpaceMapRoot, out var manager, out var metadataSpace);
        if (errno != Errno.None)
        {
            _log.Err(Module, "tm_open_with_sm failed");
            return errno;
        }
        errno = DiskSpaceMap.Open(manager, super.DataSpaceMapRoot, out var dataSpace);
        if (errno != Errno.None)
        {
            _log.Err(Module, "sm_disk_open failed");
            return errno;
        }
        _objects = new Objects(manager, metadataSpace, dataSpace, _log);
        _root = super.DataMappingRoot;
        _detailsRoot = super.DeviceDetailsRoot;
        _heldRoot = super.HeldRoot;
        return Errno.None;
    }

    /// <summary>__check_incompat_features: this kernel knows none. Version and compat_flags are not looked at.</summary>
    private Errno CheckFeatures(ThinSuperblock super)
    {
        if (super.IncompatFlags != 0)
        {
            _log.Err(Module, $"could not access metadata due to unsupported optional features ({super.IncompatFlags:x}).");
            return Errno.EINVAL;
        }
        if (!_blocks.StoreIsReadOnly && super.CompatReadOnlyFlags != 0)
        {
            _log.Err(Module,
                $"could not access metadata RDWR due to unsupported optional features ({super.CompatReadOnlyFlags:x}).");
            return Errno.EINVAL;
        }
        return Errno.None;
    }

    /// <summary>__set_metadata_reserve: a tenth is kept back.</summary>
    private void SetMetadataReserve() => _metadataReserve = Math.Min(ReserveBlocksMax, Live.MetadataSpace.BlockCount / 10);
}
