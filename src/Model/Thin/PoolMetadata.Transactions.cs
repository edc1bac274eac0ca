using DmSim.Abi;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <content>Transactions: commit, abort, and what the superblock says of them.</content>
public sealed partial class PoolMetadata
{
    /// <summary>
    /// dm_pool_register_pre_commit_callback: called before anything of a commit is written, to flush the data device. Its failure is
    /// that of the commit.
    /// </summary>
    public Func<Errno>? PreCommit { get; set; }

    /// <summary>pmd_write_lock: the pool is in service from now on.</summary>
    private void PutInService() => _inService = true;

    /// <summary>dm_pool_commit_metadata.</summary>
    public Errno Commit()
    {
        if (_failIo)
            return Errno.EINVAL;
        var errno = CommitTransaction();
        return errno != Errno.None ? errno : BeginTransaction();
    }

    /// <summary>__commit_transaction.</summary>
    private Errno CommitTransaction()
    {
        if (!_inService)
            return Errno.None;
        var errno = PreCommit?.Invoke() ?? Errno.None;
        if (errno != Errno.None)
        {
            _log.Err(Module, "pre-commit callback failed");
            return errno;
        }
        errno = WriteChangedDetails();
        if (errno == Errno.None)
            errno = Live.DataSpace.Commit();
        if (errno == Errno.None)
            errno = Live.Manager.PreCommit();
        if (errno != Errno.None)
            return errno;
        errno = LockSuperblock(out var block);
        if (errno != Errno.None)
            return errno;
        var super = new ThinSuperblock(block.Data);
        super.Time = _time;
        super.DataMappingRoot = _root;
        super.DeviceDetailsRoot = _detailsRoot;
        super.HeldRoot = _heldRoot;
        super.TransactionId = _transactionId;
        super.Flags = _flags;
        CopySpaceMapRoots(super);
        return Live.Manager.Commit(block);
    }

    private Errno LockSuperblock(out MetadataBlock block) =>
        _blocks.WriteLock(ThinSuperblock.Location, ThinSuperblockValidator.Instance, out block);

    /// <summary>__write_changed_details: devices that are not open are forgotten once they are written.</summary>
    private Errno WriteChangedDetails()
    {
        Span<byte> value = stackalloc byte[DeviceDetails.Bytes];
        foreach (var device in _devices.Snapshot())
        {
            if (!device.Changed)
                continue;
            device.Details.Write(value);
            var errno = Live.Details.Insert(ref _detailsRoot, [device.Id.Value], value);
            if (errno != Errno.None)
                return errno;
            if (device.OpenCount > 0)
                device.Changed = false;
            else
                _devices.Remove(device);
        }
        return Errno.None;
    }

    /// <summary>__begin_transaction: takes everything from the superblock, which is in the cache unless it could not be written.</summary>
    private Errno BeginTransaction()
    {
        var errno = _blocks.ReadLock(ThinSuperblock.Location, ThinSuperblockValidator.Instance, out var block);
        if (errno != Errno.None)
            return errno;
        var super = new ThinSuperblock(block.Data);
        _time = super.Time;
        _root = super.DataMappingRoot;
        _detailsRoot = super.DeviceDetailsRoot;
        _heldRoot = super.HeldRoot;
        _transactionId = super.TransactionId;
        _flags = super.Flags;
        _dataBlockSizeSectors = super.DataBlockSizeSectors;
        _blocks.Unlock(block);
        return Errno.None;
    }

    /// <summary>
    /// dm_pool_abort_metadata: back to what is on disk. Open devices keep what they know of themselves; time, transaction id and
    /// flags stay as they were. When this fails nothing works any more but Close.
    /// </summary>
    public Errno Abort()
    {
        if (_failIo)
            return Errno.EINVAL;
        PutInService();
        foreach (var device in _devices.Snapshot())
            device.AbortedWithChanges = device.Changed;
        _objects = null;
        var blocks = _blocks;
        bool keeps = _profile.Has(Profiles.KernelRule.AbortKeepsBlockManager);
        if (keeps)
            blocks.Reset();
        else
            (_blocks, _lastLookup) = (NewBlockManager(), default);
        var errno = OpenOrFormat(formatDevice: false);
        if (!keeps)
            blocks.Reset();
        if (errno != Errno.None)
            _failIo = true;
        return errno;
    }

    /// <summary>dm_pool_changed_this_transaction.</summary>
    public bool ChangedThisTransaction => _devices.AnyChanged();

    /// <summary>dm_pool_metadata_read_only, dm_pool_metadata_read_write.</summary>
    public bool ReadOnly
    {
        get => _blocks.ReadOnly;
        set => _blocks.ReadOnly = value;
    }

    /// <summary>dm_pool_metadata_needs_check.</summary>
    public bool NeedsCheck => (_flags & ThinSuperblock.NeedsCheckFlag) != 0;

    /// <summary>dm_pool_metadata_set_needs_check: in the superblock at once, but on disk only when that is written next.</summary>
    public Errno SetNeedsCheck()
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        _flags |= ThinSuperblock.NeedsCheckFlag;
        var errno = LockSuperblock(out var block);
        if (errno != Errno.None)
        {
            _log.Err(Module, "couldn't lock superblock");
            return errno;
        }
        var super = new ThinSuperblock(block.Data);
        super.Flags = _flags;
        _blocks.Unlock(block);
        return Errno.None;
    }

    /// <summary>dm_pool_set_metadata_transaction_id.</summary>
    public Errno SetTransactionId(ulong current, ulong next)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        if (_transactionId != current)
        {
            _log.Err(Module, "mismatched transaction id");
            return Errno.EINVAL;
        }
        _transactionId = next;
        return Errno.None;
    }

    /// <summary>dm_pool_get_metadata_transaction_id.</summary>
    public Errno GetTransactionId(out ulong id)
    {
        id = _transactionId;
        return _failIo ? Errno.EINVAL : Errno.None;
    }
}
