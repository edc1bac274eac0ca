using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Devices;

/// <summary>How a suspend treats what is on the way (DM_SUSPEND_*_FLAG, drivers/md/dm.h).</summary>
[Flags]
internal enum SuspendFlags
{
    None = 0,

    /// <summary>Freeze a file system on the device first.</summary>
    LockFs = 1,

    /// <summary>Targets may hand bios back instead of finishing them.</summary>
    NoFlush = 2,
}

/// <summary>Suspend, resume and the swap of tables (drivers/md/dm.c, 6.1).</summary>
public sealed partial class MappedDevice
{
    private readonly SleepingLock _suspendLock;
    private readonly WaitQueue _internallyResumed;
    private int _internalSuspends;

    /// <summary>DMF_SUSPENDED.</summary>
    public bool Suspended { get; private set; }

    /// <summary>DMF_SUSPENDED_INTERNALLY: by another device above or below, not by user space.</summary>
    public bool SuspendedInternally { get; private set; }

    /// <summary>DMF_BLOCK_IO_FOR_SUSPEND: bios are deferred instead of mapped.</summary>
    public bool BlockIoForSuspend { get; private set; }

    /// <summary>DMF_NOFLUSH_SUSPENDING: a target may push bios back (DM_MAPIO_REQUEUE).</summary>
    public bool NoflushSuspending { get; private set; }

    /// <summary>DMF_POST_SUSPENDING.</summary>
    public bool PostSuspending { get; private set; }

    /// <summary>DMF_FROZEN: a file system would be frozen (freeze_bdev).</summary>
    public bool Frozen { get; private set; }

    /// <summary>dm_suspend: waits until no bio is on the way; from then on bios are deferred. EINVAL when it is suspended already.</summary>
    internal async ValueTask<Errno> SuspendAsync(SuspendFlags flags)
    {
        await TakeSuspendLockAsync();
        if (Suspended)
        {
            _suspendLock.Give();
            return Errno.EINVAL;
        }
        await QuiesceAsync(LiveTable is null ? flags & ~SuspendFlags.LockFs : flags);
        Suspended = true;
        await AfterQuiesceAsync();
        _suspendLock.Give();
        return Errno.None;
    }

    /// <summary>Takes the suspend lock when no internal suspend is in force, for which dm_suspend and dm_resume wait.</summary>
    private async ValueTask TakeSuspendLockAsync()
    {
        while (true)
        {
            await _suspendLock.TakeAsync();
            if (Suspended || !SuspendedInternally)
                return;
            _suspendLock.Give();
            await _internallyResumed.Sleep();
        }
    }

    /// <summary>__dm_suspend up to the point where nothing is on the way any more.</summary>
    private async ValueTask QuiesceAsync(SuspendFlags flags)
    {
        bool noflush = (flags & SuspendFlags.NoFlush) != 0;
        if (noflush)
            NoflushSuspending = true;
        if (LiveTable is { } table)
            await table.PresuspendAsync();
        if (!noflush && (flags & SuspendFlags.LockFs) != 0)
        {
            // freeze_bdev without a file system to freeze: sync_blockdev.
            Frozen = true;
            if (Cache is { } cache)
                await cache.Writeback.WriteAndWaitAsync();
        }
        BlockIoForSuspend = true;
        if (LiveTable is not null)
        {
            while (HasBiosInFlight)
                await Idle.Sleep();
        }
    }

    private async ValueTask AfterQuiesceAsync()
    {
        NoflushSuspending = false;
        PostSuspending = true;
        if (LiveTable is { } table)
            await table.PostsuspendAsync();
        PostSuspending = false;
    }

    /// <summary>
    /// dm_swap_table: makes a table the live one of a suspended device. Answers the old one, which the caller destroys.
    /// </summary>
    internal async ValueTask<(Errno Errno, Table? Old)> SwapTableAsync(Table table)
    {
        await _suspendLock.TakeAsync();
        var errno = Errno.EINVAL;
        Table? old = null;
        if (Suspended)
        {
            // A table that says it uses no devices keeps the limits of the one it replaces.
            var limits = _limits;
            bool keeps = LiveTable is not null && table.HasNoDataDevices;
            errno = keeps ? Errno.None : table.CalculateQueueLimits(out limits);
            if (errno == Errno.None)
            {
                old = Bind(table, limits, keeps);
                Kernel.IssueGlobalEvent();
            }
        }
        _suspendLock.Give();
        return (errno, old);
    }

    /// <summary>
    /// dm_table_set_restrictions ends with disk_update_readahead (block/blk-settings.c): two optimal I/Os, and 128 KiB at least. For a disk with
    /// platters that knows of none, two of the largest (<see cref="KernelRule.PlattersReadAhead"/>).
    /// </summary>
    private void SetLimits(QueueLimits limits)
    {
        _limits = limits;
        ulong optimal = limits.IoOpt == 0 && !limits.NonRotational && Kernel.Profile.Has(KernelRule.PlattersReadAhead)
            ? (ulong)limits.MaxSectors << Sectors.Shift : limits.IoOpt;
        // blk_apply_bdi_limits never takes away from it.
        ulong least = Kernel.Profile.Has(KernelRule.LimitsValidated) ? ReadAheadPages : 0;
        ReadAheadPages = Math.Max(least, Math.Max(optimal * 2 / QueueLimits.PAGE_SIZE, DefaultReadAheadPages));
    }

    /// <summary>integrity_supported of the table that the limits are from.</summary>
    internal bool PassesIntegrity { get; private set; }

    /// <summary>
    /// dm_table_set_restrictions: what the devices below need, and nothing that one of them has not. Limits that are made anew take the flags
    /// of integrity with them.
    /// </summary>
    private void SetQueue(Table table)
    {
        bool validated = Kernel.Profile.Has(KernelRule.LimitsValidated);
        Queue.StableWrites = table.AnyBelow(static below => below.Queue.StableWrites);
        Queue.AddRandom &= !validated && !table.AnyBelow(static below => !below.Queue.AddRandom);
        if (validated)
            (Queue.VerifiesReads, Queue.GeneratesForWrites) = (null, null);
    }

    /// <summary>__bind.</summary>
    private Table? Bind(Table table, QueueLimits limits, bool kept)
    {
        if (_capacity != table.Size)
            Geometry = default;
        _capacity = table.Size;
        SetLimits(table.Restrict(limits, kept));
        if (!kept)
            PassesIntegrity = table.PassesIntegrity;
        SetQueue(table);
        table.EventsBound = true;
        ImmutableTargetType = table.ImmutableTargetType;
        var old = LiveTable;
        LiveTable = table;
        return old;
    }

    /// <summary>
    /// dm_resume: lets the targets, then the deferred bios, go on. EINVAL without a live table, or when it is not suspended.
    /// </summary>
    internal async ValueTask<Errno> ResumeAsync()
    {
        await TakeResumeLockAsync();
        var errno = Errno.EINVAL;
        if (Suspended && !_freeing && LiveTable is not null)
        {
            errno = await ContinueAsync();
            if (errno == Errno.None)
                Suspended = false;
        }
        _suspendLock.Give();
        return errno;
    }

    /// <summary>As for a suspend, but a device that is not suspended, or on its way out, is not waited for.</summary>
    private async ValueTask TakeResumeLockAsync()
    {
        while (true)
        {
            await _suspendLock.TakeAsync();
            if (!Suspended || _freeing || !SuspendedInternally)
                return;
            _suspendLock.Give();
            await _internallyResumed.Sleep();
        }
    }

    /// <summary>__dm_resume.</summary>
    private async ValueTask<Errno> ContinueAsync()
    {
        var errno = LiveTable is { } table ? await table.ResumeAsync() : Errno.None;
        if (errno != Errno.None)
            return errno;
        BlockIoForSuspend = false;
        QueueDeferredWork();
        Frozen = false;
        return Errno.None;
    }

    /// <summary>dm_internal_suspend_noflush. Nests; a device that user space has suspended is only marked.</summary>
    internal async ValueTask InternalSuspendNoflushAsync()
    {
        await _suspendLock.TakeAsync();
        if (_internalSuspends++ == 0)
        {
            bool running = !Suspended;
            if (running)
                await QuiesceAsync(SuspendFlags.NoFlush);
            SuspendedInternally = true;
            if (running)
                await AfterQuiesceAsync();
        }
        _suspendLock.Give();
    }

    /// <summary>
    /// dm_internal_suspend_fast: no bio is on the way until <see cref="InternalResumeFast"/>, and no other suspend or resume comes
    /// between; targets are not told.
    /// </summary>
    /// <returns>What the resume is to be given: whether it held anything back.</returns>
    internal async ValueTask<bool> InternalSuspendFastAsync()
    {
        await _suspendLock.TakeAsync();
        if (Suspended || SuspendedInternally)
            return false;
        BlockIoForSuspend = true;
        while (HasBiosInFlight)
            await Idle.Sleep();
        return true;
    }

    /// <summary>dm_internal_resume_fast.</summary>
    internal void InternalResumeFast(bool held)
    {
        if (held)
        {
            BlockIoForSuspend = false;
            QueueDeferredWork();
        }
        _suspendLock.Give();
    }

    /// <summary>dm_internal_resume.</summary>
    internal async ValueTask InternalResumeAsync()
    {
        await _suspendLock.TakeAsync();
        if (--_internalSuspends == 0)
        {
            if (!Suspended)
            {
                var errno = await ContinueAsync();
                if (errno != Errno.None)
                {
                    Kernel.Log.Err("core", $"Preresume method failed: -{(int)errno}");
                    Suspended = true;
                }
            }
            SuspendedInternally = false;
            _internallyResumed.WakeAll();
        }
        _suspendLock.Give();
    }
}
