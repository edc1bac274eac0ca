using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <content>What becomes of a bio to a snapshot, and to a device that merges one. Sectors are never counted from the line's begin.</content>
internal sealed partial class Snapshot
{
    // The chunks that are being read from the origin (snapshot) or written to the COW device (merge), and how often.
    private readonly Dictionary<ulong, int> _tracked = [];

    /// <summary>struct dm_snap_tracked_chunk, in a bio that is tracked.</summary>
    private sealed record TrackedChunk(ulong Chunk);

    private void Track(TargetBio bio, ulong chunk)
    {
        bio.PerBioData = new TrackedChunk(chunk);
        _tracked[chunk] = _tracked.GetValueOrDefault(chunk) + 1;
    }

    /// <summary>snapshot_end_io.</summary>
    public void BioEnded(TargetBio bio)
    {
        if (bio.PerBioData is not TrackedChunk tracked)
            return;
        bio.PerBioData = null;
        if (--_tracked[tracked.Chunk] == 0)
            _tracked.Remove(tracked.Chunk);
    }

    /// <summary>__check_for_conflicting_io.</summary>
    private async ValueTask WaitForConflictingIoAsync(ulong chunk)
    {
        while (_tracked.ContainsKey(chunk))
            await Kernel.SleepAsync(1);
    }

    /// <summary>snapshot_map.</summary>
    public MapResult Map(TargetBio bio)
    {
        if (bio.IsPreflush)
            return SendTo(Cow, bio);
        ulong chunk = Store.ToChunk(bio.Sector);
        if (_invalidating)
            Kernel.Blocks.SleepInSubmission(() => !_invalidating);
        if (!Valid)
            return MapResult.Kill;
        if (bio.IsWrite)
            WaitForInProgress();
        if (!Valid || (Overflowed && bio.IsWrite))
            return MapResult.Kill;
        if (bio.Op == BioOp.Discard && DiscardPassdownOrigin && bio.TargetBioNr != 0)
        {
            Track(bio, chunk);
            return SendTo(Origin, bio);
        }
        if (Complete.Find(chunk) is { } exception)
        {
            Remap(exception, bio, chunk);
            if (bio.Op != BioOp.Discard || !IsWholeChunk(bio))
                return MapResult.Remapped;
            Zero(bio);
            return MapResult.Submitted;
        }
        if (bio.Op == BioOp.Discard)
        {
            // What is not copied is left alone.
            bio.End();
            return MapResult.Submitted;
        }
        if (bio.IsWrite)
            return Write(bio, chunk);
        Track(bio, chunk);
        return SendTo(Origin, bio);
    }

    private static MapResult SendTo(TableDevice device, TargetBio bio)
    {
        bio.Device = device.Device;
        return MapResult.Remapped;
    }

    /// <summary>remap_exception.</summary>
    private void Remap(SnapException exception, TargetBio bio, ulong chunk)
    {
        bio.Device = Cow.Device;
        bio.Sector = unchecked(Store.ToSector(exception.NewChunkOf(chunk)) + (bio.Sector & Store.ChunkMask));
    }

    /// <summary>io_overlaps_chunk, which looks at the size only.</summary>
    private bool IsWholeChunk(TargetBio bio) => bio.SectorCount == Store.ChunkSize;

    /// <summary>zero_exception.</summary>
    private void Zero(TargetBio bio)
    {
        StartOfCopy();
        _copier.Zero(Cow.Device, bio.Sector, Store.ChunkSize, succeeded =>
        {
            EndOfCopy();
            bio.End(succeeded ? BlkStatus.Ok : BlkStatus.IoErr);
        });
    }

    /// <summary>A write to a chunk that has no exception yet: it waits for the copy, or is the whole chunk and saves it.</summary>
    private MapResult Write(TargetBio bio, ulong chunk)
    {
        if ((Pending.Find(chunk) ?? Prepare(chunk)) is not { } pending)
        {
            RunFull();
            return MapResult.Kill;
        }
        Remap(pending.Exception, bio, chunk);
        if (!pending.Started && IsWholeChunk(bio))
        {
            pending.Started = true;
            StartFullBio(pending, bio);
            return MapResult.Submitted;
        }
        pending.SnapshotBios.Add(bio);
        if (!pending.Started)
        {
            pending.Started = true;
            StartCopy(pending);
        }
        return MapResult.Submitted;
    }

    /// <summary>There is no room for a chunk that is written to. Who knows of overflows can go on reading.</summary>
    private void RunFull()
    {
        if (!Store.UserspaceSupportsOverflow)
        {
            Invalidate(Errno.ENOMEM);
        }
        else if (Valid && !Overflowed)
        {
            Overflowed = true;
            Kernel.Log.Err(Module, "Snapshot overflowed: Unable to allocate exception.");
        }
    }

    /// <summary>snapshot_merge_map: the device is the origin, but for the chunks that have not been merged yet.</summary>
    public MapResult MapMerging(TargetBio bio)
    {
        if (bio.IsPreflush)
            return SendTo(bio.TargetBioNr == 0 ? Origin : Cow, bio);
        if (bio.Op == BioOp.Discard)
        {
            bio.End();
            return MapResult.Submitted;
        }
        ulong chunk = Store.ToChunk(bio.Sector);
        if (Valid && Complete.Find(chunk) is { } exception)
        {
            if (bio.IsWrite && IsBeingMerged(chunk))
            {
                bio.Device = Origin.Device;
                _queuedDuringMerge.Add(bio);
                return MapResult.Submitted;
            }
            Remap(exception, bio, chunk);
            if (bio.IsWrite)
                Track(bio, chunk);
            return MapResult.Remapped;
        }
        bio.Device = Origin.Device;
        return bio.IsWrite ? Origins.Write(Origin.Device, bio, limit: false) : MapResult.Remapped;
    }
}
