using DmSim.Abi;

namespace DmSim.Model.Thin;

/// <content>Suspend, resume, and the growth that a resume notices.</content>
internal sealed partial class ThinPool
{
    /// <summary>pool_presuspend: no volume works while its pool is suspended.</summary>
    public async ValueTask PresuspendAsync()
    {
        Suspended = true;
        foreach (var volume in _volumes)
            if (_volumes.Contains(volume))
                await volume.Device.InternalSuspendNoflushAsync();
    }

    /// <summary>pool_postsuspend.</summary>
    public void Postsuspend()
    {
        _waker?.Cancel();
        _waker = null;
        CancelNoSpaceTimeout();
        FlushWorker();
        Commit();
    }

    private bool _resumeCommitted;

    /// <summary>
    /// Under SCHED_FIFO, after a resume that has committed. Who resumes has taken the processor from the worker of the loop device that
    /// ended its I/O; that one goes on before any other, and as it serves all queues with WQ_UNBOUND, the pool's works are done before the
    /// volumes' deferred bios are submitted (worker_thread, kernel/workqueue.c, 6.1; seen with sched_switch in area thin, seed 1, case 892).
    /// </summary>
    private bool _workerGoesFirst;

    /// <summary>pool_preresume: the line takes over, and the pool grows as its devices have grown.</summary>
    public Errno Preresume(PoolControl control)
    {
        Bind(control);
        var errno = GrowDataDevice(control, out bool dataGrew);
        bool metadataGrew = false;
        if (errno == Errno.None)
            errno = GrowMetadataDevice(out metadataGrew);
        _resumeCommitted = errno == Errno.None && (dataGrew || metadataGrew) && Commit() == Errno.None;
        // What waits for a failed pool must get its errors, for which it has to be resumed.
        return Mode == PoolMode.Fail ? Errno.None : errno;
    }

    /// <summary>bind_control_target.</summary>
    private void Bind(PoolControl control)
    {
        var mode = control.Adjusted.Mode;
        // The old mode until SetMode has put everything in place for the new one.
        control.Adjusted = control.Adjusted with { Mode = Mode };
        Control = control;
        Features = control.Adjusted;
        SetMode(mode);
    }

    /// <summary>maybe_resize_data_dev.</summary>
    private Errno GrowDataDevice(PoolControl control, out bool grew)
    {
        grew = false;
        ulong size = control.Length.Value / BlockSectors;
        var errno = Metadata.GetDataDeviceSize(out var known);
        if (errno != Errno.None)
        {
            Log.Err(Module, $"{Name}: failed to retrieve data device size");
            return errno;
        }
        if (size < known.Value)
        {
            Log.Err(Module, $"{Name}: pool target ({size} blocks) too small: expected {known}");
            return Errno.EINVAL;
        }
        if (size == known.Value)
            return Errno.None;
        if (Metadata.NeedsCheck)
        {
            Log.Err(Module, $"{Name}: unable to grow the data device until repaired.");
            return Errno.None;
        }
        if (known.Value != 0)
            Log.Info(Module, $"{Name}: growing the data device from {known} to {size} blocks");
        errno = Metadata.ResizeDataDevice(new DataBlock(size));
        if (errno != Errno.None)
            MetadataOperationFailed("dm_pool_resize_data_dev", errno);
        grew = errno == Errno.None;
        return errno;
    }

    /// <summary>maybe_resize_metadata_dev.</summary>
    private Errno GrowMetadataDevice(out bool grew)
    {
        grew = false;
        var size = MetadataDeviceBlocks(MetadataDevice);
        var errno = Metadata.GetMetadataDeviceSize(out var known);
        if (errno != Errno.None)
        {
            Log.Err(Module, $"{Name}: failed to retrieve metadata device size");
            return errno;
        }
        if (size.Value < known.Value)
        {
            Log.Err(Module, $"{Name}: metadata device ({size} blocks) too small: expected {known}");
            return Errno.EINVAL;
        }
        if (size == known)
            return Errno.None;
        if (Metadata.NeedsCheck)
        {
            Log.Err(Module, $"{Name}: unable to grow the metadata device until repaired.");
            return Errno.None;
        }
        WarnIfTooBig(MetadataDevice);
        Log.Info(Module, $"{Name}: growing the metadata device from {known} to {size} blocks");
        if (Mode == PoolMode.OutOfMetadataSpace)
            SetMode(PoolMode.Write);
        errno = Metadata.ResizeMetadataDevice(size);
        if (errno != Errno.None)
            MetadataOperationFailed("dm_pool_resize_metadata_dev", errno);
        grew = errno == Errno.None;
        return errno;
    }

    /// <summary>pool_resume.</summary>
    public async ValueTask ResumeAsync()
    {
        RequeueBios();
        foreach (var volume in _volumes)
            if (_volumes.Contains(volume))
                await volume.Device.InternalResumeAsync();
        _lowWaterTriggered = false;
        Suspended = false;
        // Under the fair scheduler who waited to resume a volume is quicker than this thread.
        if (Kernel.FairScheduler)
            await Kernel.Work.Yield();
        _workerGoesFirst = _resumeCommitted && !Kernel.FairScheduler;
        _resumeCommitted = false;
        Wake();
    }

    /// <summary>requeue_bios: what waited for room is tried again.</summary>
    private void RequeueBios()
    {
        foreach (var volume in _volumes)
        {
            volume.DeferredBios.AddRange(volume.RetryOnResume);
            volume.RetryOnResume.Clear();
        }
    }
}
