using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <summary>struct thin_c: one table line of a thin volume, and its bios that the pool's worker has not looked at yet.</summary>
internal sealed class ThinVolume(ThinPool pool, MappedDevice device, ThinDeviceMetadata metadata)
{
    public ThinPool Pool { get; } = pool;

    /// <summary>thin_md.</summary>
    public MappedDevice Device { get; } = device;

    /// <summary>td.</summary>
    public ThinDeviceMetadata Metadata { get; } = metadata;

    /// <summary>The pool's mapped device, which I/O goes through.</summary>
    public required TableDevice PoolDevice { get; init; }

    /// <summary>A device outside the pool whose blocks show through holes, or null.</summary>
    public TableDevice? Origin { get; init; }

    /// <summary>Sectors of the origin at the last resume.</summary>
    public ulong OriginSize { get; set; }

    /// <summary>Bios are pushed back instead of worked on, while a noflush suspend waits.</summary>
    public bool RequeueMode { get; private set; }

    public List<PrisonCell> DeferredCells { get; } = [];
    public List<TargetBio> DeferredBios { get; } = [];

    /// <summary>Writes for which there was no room.</summary>
    public List<TargetBio> RetryOnResume { get; } = [];

    /// <summary>thin_defer_bio.</summary>
    public void Defer(TargetBio bio)
    {
        DeferredBios.Add(bio);
        Pool.WakeWorker();
    }

    /// <summary>do_noflush_start.</summary>
    public void StartRequeueing()
    {
        RequeueMode = true;
        TargetBio[] bios = [.. DeferredBios, .. RetryOnResume];
        DeferredBios.Clear();
        RetryOnResume.Clear();
        foreach (var bio in bios)
            bio.End(BlkStatus.DmRequeue);
        PrisonCell[] cells = [.. DeferredCells];
        DeferredCells.Clear();
        foreach (var cell in cells)
            Pool.EndCell(cell, BlkStatus.DmRequeue);
    }

    /// <summary>do_noflush_stop.</summary>
    public void StopRequeueing() => RequeueMode = false;

    /// <summary>error_thin_bio_list of those that wait for room.</summary>
    public void ErrorRetryList(BlkStatus status)
    {
        TargetBio[] bios = [.. RetryOnResume];
        RetryOnResume.Clear();
        foreach (var bio in bios)
            bio.End(status);
    }
}
