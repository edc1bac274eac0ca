using DmSim.Abi;
using DmSim.Model.Devices;

namespace DmSim.Model.Snapshots;

/// <content>
/// Resuming, and the handover: a second table with the same origin and COW device takes the exceptions of the first when it is resumed.
/// So a snapshot gets a new table, and so its merge begins.
/// </content>
internal sealed partial class Snapshot
{
    /// <summary>snapshot_preresume: of a pair, the source has to stay suspended and the destination waits for that.</summary>
    public Errno Preresume()
    {
        var pair = Origins.FindSharingCow(this);
        if (pair is not { Source: { } source, Destination: not null })
            return Errno.None;
        if (this == source)
        {
            Kernel.Log.Err(Module, "Unable to resume snapshot source until handover completes.");
            return Errno.EINVAL;
        }
        if (!source.Table.Owner.Suspended)
        {
            Kernel.Log.Err(Module, "Unable to perform snapshot handover until source is suspended.");
            return Errno.EINVAL;
        }
        return Errno.None;
    }

    /// <summary>snapshot_resume.</summary>
    public async ValueTask ResumeAsync()
    {
        // Nothing is written to the origin meanwhile: what counts there is about to change.
        var (originDevice, merging) = FindOriginDevice();
        bool held = false, restartMerge = false;
        if (originDevice is not null)
        {
            originDevice.Hold();
            held = await originDevice.InternalSuspendFastAsync();
            restartMerge = merging is { RunningMerge: true };
            if (restartMerge)
                await merging!.StopMergeAsync();
        }
        if (Origins.FindSharingCow(this) is { Source: { } source, Destination: { } destination })
            HandOver(source, destination);
        if (originDevice is not null)
        {
            if (restartMerge)
                await merging!.StartMergeAsync();
            originDevice.InternalResumeFast(held);
            originDevice.Release();
        }
        Origins.Reregister(this);
        Active = true;
    }

    /// <summary>The mapped device that is the origin: it has a snapshot-origin line, or merges a snapshot.</summary>
    private (MappedDevice? Device, Snapshot? Merging) FindOriginDevice()
    {
        var device = Origins.FindOriginTarget(Origin.Device)?.Table.Owner;
        var merging = device is null ? Origins.FindSharingCow(this).Merging : null;
        device ??= merging?.Table.Owner;
        return device == Table.Owner || device is { IsFreeing: true } ? (null, merging) : (device, merging);
    }

    /// <summary>__handover_exceptions.</summary>
    private static void HandOver(Snapshot source, Snapshot destination)
    {
        (source.Complete, destination.Complete) = (destination.Complete, source.Complete);
        (source.Store, destination.Store) = (destination.Store, source.Store);
        // The new line says whether user space knows of overflows.
        destination.Store.UserspaceSupportsOverflow = source.Store.UserspaceSupportsOverflow;
        destination.MaxIoLen = destination.Store.ChunkSize;
        destination.Valid = source.Valid;
        destination.Overflowed = source.Overflowed;
        source.Valid = false;
    }

    /// <summary>snapshot_merge_resume: as an origin it splits what comes to it to the smallest chunk of all snapshots.</summary>
    public async ValueTask ResumeMergeAsync()
    {
        await ResumeAsync();
        MaxIoLen = Origins.MinimumChunkSize(Origin.Device);
        await StartMergeAsync();
    }

    /// <summary>The beginning of snapshot_dtr: the destination has waited in vain.</summary>
    private void CancelHandover()
    {
        var pair = Origins.FindSharingCow(this);
        if (pair.Source != this || pair.Destination is not { } destination)
            return;
        destination.Valid = false;
        Kernel.Log.Err(Module, "Cancelling snapshot handover.");
    }

    /// <summary>__find_snapshots_sharing_cow, for one of them.</summary>
    public void Sort(Snapshot other, ref SnapshotPair pair)
    {
        if (IsMerge)
            pair = pair with { Merging = this };
        if (Cow.Device != other.Cow.Device)
            return;
        pair = Active ? pair with { Source = this } : pair with { Destination = this };
        pair = pair with { Count = pair.Count + 1 };
    }
}
