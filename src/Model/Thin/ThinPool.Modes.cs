using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Thin;

/// <content>What the pool may still do, and what makes it do less (set_pool_mode and its callers).</content>
internal sealed partial class ThinPool
{
    private VirtualTimer? _noSpaceTimeout;

    private static bool IsReadOnlyMode(PoolMode mode) => mode is PoolMode.OutOfMetadataSpace or PoolMode.ReadOnly;

    /// <summary>How status lines name the mode, Fail aside.</summary>
    public string ModeName => Mode == PoolMode.OutOfDataSpace ? "out_of_data_space" : IsReadOnlyMode(Mode) ? "ro" : "rw";

    /// <summary>set_pool_mode.</summary>
    private void SetMode(PoolMode mode)
    {
        var old = Mode;
        if (mode == PoolMode.Write && Metadata.NeedsCheck)
        {
            Log.Err(Module, $"{Name}: unable to switch pool to write mode until repaired.");
            mode = old != mode ? old : PoolMode.ReadOnly;
        }
        // Metadata that could not even be rolled back stay out of use.
        if (old == PoolMode.Fail)
            mode = old;
        switch (mode)
        {
            case PoolMode.Fail:
                Metadata.ReadOnly = true;
                SetFailFunctions();
                ErrorRetryList(IoErrorCode);
                break;
            case PoolMode.OutOfMetadataSpace or PoolMode.ReadOnly:
                Metadata.ReadOnly = true;
                SetReadOnlyFunctions();
                ErrorRetryList(IoErrorCode);
                break;
            case PoolMode.OutOfDataSpace:
                _outOfDataSpace = true;
                SetOutOfDataSpaceFunctions();
                if (!Features.ErrorIfNoSpace)
                    ArmNoSpaceTimeout();
                break;
            case PoolMode.Write:
                if (old == PoolMode.OutOfDataSpace)
                    CancelNoSpaceTimeout();
                _outOfDataSpace = false;
                Features = Features with { ErrorIfNoSpace = Control?.Requested.ErrorIfNoSpace ?? false };
                Metadata.ReadOnly = false;
                SetWriteFunctions();
                break;
        }
        Features = Features with { Mode = mode };
        if (Control is { } control)
            control.Adjusted = control.Adjusted with { Mode = mode };
        if (old != mode)
            NotifyOfModeChange();
    }

    /// <summary>notify_of_pool_mode_change.</summary>
    private void NotifyOfModeChange()
    {
        string name = Mode switch
        {
            PoolMode.Write => "write",
            PoolMode.OutOfDataSpace => Features.ErrorIfNoSpace ? "out-of-data-space (error IO)" : "out-of-data-space (queue IO)",
            PoolMode.Fail => "fail",
            _ => "read-only",
        };
        RaiseEvent();
        Log.Info(Module, $"{Name}: switching pool to {name} mode");
    }

    private void ArmNoSpaceTimeout()
    {
        if (_noSpaceTimeout is not null)
            return;
        if (Kernel.Parameters.NoSpaceTimeoutSeconds is > 0 and var seconds)
            _noSpaceTimeout = TimerWheel.Arm(Kernel.Time, Now + seconds * Jiffies.PerSecond, NoSpaceTimeout);
    }

    private void CancelNoSpaceTimeout()
    {
        _noSpaceTimeout?.Cancel();
        _noSpaceTimeout = null;
    }

    /// <summary>do_no_space_timeout: nobody has made room in time; what waits fails, and what comes fails at once.</summary>
    private void NoSpaceTimeout()
    {
        _noSpaceTimeout = null;
        if (Mode != PoolMode.OutOfDataSpace || Features.ErrorIfNoSpace)
            return;
        Features = Features with { ErrorIfNoSpace = true };
        NotifyOfModeChange();
        ErrorRetryList(BlkStatus.NoSpc);
    }

    /// <summary>metadata_operation_failed: gives the transaction up, and allows no more changes.</summary>
    private void MetadataOperationFailed(string operation, Errno errno)
    {
        LogLimited("metadata_operation_failed", 0, $"{Name}: metadata operation '{operation}' failed: error = {-(int)errno}");
        AbortTransaction();
        SetMode(PoolMode.ReadOnly);
    }

    /// <summary>abort_transaction.</summary>
    private void AbortTransaction()
    {
        LogLimited("abort_transaction", 0, $"{Name}: aborting current metadata transaction");
        if (Metadata.Abort() != Errno.None)
        {
            Log.Err(Module, $"{Name}: failed to abort metadata transaction");
            SetMode(PoolMode.Fail);
        }
        if (Metadata.SetNeedsCheck() != Errno.None)
        {
            Log.Err(Module, $"{Name}: failed to set 'needs_check' flag in metadata");
            SetMode(PoolMode.Fail);
        }
    }

    /// <summary>DMERR_LIMIT.</summary>
    private void LogLimited(string function, int place, string text)
    {
        if (Kernel.RateLimits.Allow(function, place))
            Log.Err(Module, text);
    }

    /// <summary>commit. EINVAL when the pool is read-only or worse.</summary>
    public Errno Commit()
    {
        if (Mode >= PoolMode.OutOfMetadataSpace)
            return Errno.EINVAL;
        // It sleeps several times. Blocks that are being copied or written meanwhile are ready in the order of their I/O, not when
        // whoever commits is done. Seen on 6.1 with sched_switch (area thin, seed 1, case 822).
        Kernel.Blocks.SleepForIo();
        var errno = Metadata.Commit();
        if (errno != Errno.None)
        {
            MetadataOperationFailed("dm_pool_commit_metadata", errno);
            return errno;
        }
        // The commit has slept for its I/O. Who waits for the pool's events and asks for its status queues for the metadata's lock, and
        // whoever comes after him queues behind him (rwsem_down_read_slowpath, kernel/locking/rwsem.c, 6.1).
        if (!Kernel.FairScheduler)
            LetEventWaitersRun();
        CheckForMetadataSpace();
        CheckForDataSpace();
        return Errno.None;
    }

    private bool _eventWaitersQueue;

    // They have seen the lock given back once, and the worker has it again.
    private bool _eventWaitersAreNext;

    /// <summary>
    /// Whoever has the metadata's lock reads a block, and sleeps. Who was woken for an event before has his turn then, asks for the
    /// status, and queues for the lock.
    /// </summary>
    internal void SleepsForRead() => _eventWaitersQueue |= !Kernel.FairScheduler && Device.Events.HasWoken;

    /// <summary>
    /// The worker gives the metadata's lock back. Who queues for it gets it before the worker has it again: under SCHED_FIFO the first
    /// in the queue has it handed over (rwsem_try_write_lock, kernel/locking/rwsem.c, 6.1). Seen with sched_switch.
    /// </summary>
    /// <param name="errno">Of what was done under the lock; answered again.</param>
    private Errno Unlocked(Errno errno)
    {
        if (_eventWaitersQueue)
            LetEventWaitersRun();
        return errno;
    }

    private void LetEventWaitersRun()
    {
        _eventWaitersQueue = false;
        bool next = _eventWaitersAreNext || Kernel.Profile.Has(KernelRule.LocksHandedOver);
        _eventWaitersAreNext = !next && Device.Events.HasWoken;
        if (next)
            Device.Events.LetWokenRun();
    }

    private void CheckForMetadataSpace()
    {
        string? reason = Metadata.GetFreeMetadataBlocks(out var free) != Errno.None ? "Could not get free metadata blocks"
            : free.Value == 0 ? "No free metadata blocks"
            : null;
        if (reason is null || IsReadOnlyMode(Mode))
            return;
        Log.Err(Module, reason);
        SetMode(PoolMode.OutOfMetadataSpace);
    }

    private void CheckForDataSpace()
    {
        if (Mode != PoolMode.OutOfDataSpace || Metadata.GetFreeDataBlocks(out var free) != Errno.None || free.Value == 0)
            return;
        SetMode(PoolMode.Write);
        RequeueBios();
    }

    /// <summary>get_pool_io_error_code.</summary>
    private BlkStatus IoErrorCode => _outOfDataSpace ? BlkStatus.NoSpc : BlkStatus.IoErr;
}
