using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Snapshots;

/// <content>A merge: run by run, the chunks go back to the origin, and their exceptions are taken away.</content>
internal sealed partial class Snapshot
{
    private readonly List<TargetBio> _queuedDuringMerge = [];
    private readonly WaitQueue _mergeStopped;
    private ulong _firstMergingChunk;
    private uint _mergingChunks;
    private bool _shutdownMerge;

    /// <summary>RUNNING_MERGE.</summary>
    private bool RunningMerge { get; set; }

    private bool IsBeingMerged(ulong chunk) =>
        chunk >= _firstMergingChunk && chunk < unchecked(_firstMergingChunk + _mergingChunks);

    /// <summary>start_merge.</summary>
    private async ValueTask StartMergeAsync()
    {
        if (RunningMerge)
            return;
        RunningMerge = true;
        await MergeNextChunksAsync();
    }

    /// <summary>stop_merge: asks it to stop, and sleeps until it has.</summary>
    public async ValueTask StopMergeAsync()
    {
        _shutdownMerge = true;
        while (RunningMerge)
            await _mergeStopped.Sleep();
        _shutdownMerge = false;
    }

    /// <summary>merge_shutdown.</summary>
    private void MergeStopped()
    {
        RunningMerge = false;
        _mergeStopped.WakeAll();
    }

    /// <summary>snapshot_merge_next_chunks.</summary>
    private async ValueTask MergeNextChunksAsync()
    {
        if (!_shutdownMerge && await FindNextRunAsync() is { Count: > 0 } run)
            await MergeAsync(unchecked(run.LastOldChunk + 1 - run.Count), unchecked(run.LastNewChunk + 1 - run.Count), run.Count);
        else
            MergeStopped();
    }

    private async ValueTask<MergeRun> FindNextRunAsync()
    {
        if (!Valid)
        {
            Kernel.Log.Err(Module, "Snapshot is invalid: can't merge");
            return default;
        }
        var (errno, run) = await ((PersistentStore)Store).PrepareMergeAsync();
        if (errno != Errno.None)
        {
            Kernel.Log.Err(Module, "Read error in exception store: shutting down merge");
            MergeFailed = true;
        }
        return run;
    }

    private async ValueTask MergeAsync(ulong oldChunk, ulong newChunk, uint chunks)
    {
        uint sectors = unchecked(chunks * Store.ChunkSize);
        ulong to = Store.ToSector(oldChunk);
        ulong count = Math.Min(sectors, unchecked(Origin.Device.Capacity.Value - to));
        // Other snapshots copy first what is about to be overwritten. Whatever exception completes, all are looked at again.
        ulong seen = Origins.PendingExceptionsDone;
        while (WriteExtent(to, sectors))
        {
            while (Origins.PendingExceptionsDone == seen)
                await Origins.PendingExceptionDoneQueue.Sleep();
            seen = Origins.PendingExceptionsDone;
        }
        _firstMergingChunk = oldChunk;
        _mergingChunks = chunks;
        for (uint i = 0; i < chunks; i++)
            await WaitForConflictingIoAsync(unchecked(oldChunk + i));
        _copier.Copy(Cow.Device, Store.ToSector(newChunk), Origin.Device, to, count, MergedAsync);
    }

    /// <summary>origin_write_extent, in steps of the smallest chunk among the origin's snapshots when the merge was resumed.</summary>
    private bool WriteExtent(ulong sector, uint size)
    {
        bool mustWait = false;
        for (ulong n = 0; n < size; n += MaxIoLen)
            mustWait |= Origins.PrepareWrite(Origin.Device, unchecked(sector + n));
        return mustWait;
    }

    /// <summary>merge_callback.</summary>
    private async ValueTask MergedAsync(CopyErrors errors)
    {
        string? failure = (errors & CopyErrors.Read) != 0 ? "Read error: shutting down merge."
            : errors != CopyErrors.None ? "Write error: shutting down merge."
            : await BlockRequests.Flush(Origin.Device) != BlkStatus.Ok ? "Flush after merge failed: shutting down merge"
            : await ((PersistentStore)Store).CommitMergeAsync(_mergingChunks) != Errno.None
                ? "Write error in exception store: shutting down merge" : null;
        if (failure is not null)
            Kernel.Log.Err(Module, failure);
        if (failure is null && RemoveMergedExceptions())
        {
            foreach (var bio in ReleaseQueuedBios())
                Kernel.Blocks.Submit(bio);
            await MergeNextChunksAsync();
            return;
        }
        MergeFailed = true;
        foreach (var bio in ReleaseQueuedBios())
            bio.End(BlkStatus.IoErr);
        MergeStopped();
    }

    /// <summary>remove_single_exception_chunk: the last chunk first, as they were added.</summary>
    private bool RemoveMergedExceptions()
    {
        for (ulong i = _mergingChunks; i > 0; i--)
            if (!RemoveChunk(unchecked(_firstMergingChunk + i - 1)))
                return false;
        return true;
    }

    private bool RemoveChunk(ulong chunk)
    {
        switch (Complete.RemoveChunk(chunk, out var exception))
        {
            case RemovedChunk.NotThere:
                Kernel.Log.Err(Module, $"Corruption detected: exception for block {chunk} is on disk but not in memory");
                return false;
            case RemovedChunk.InTheMiddle:
                Kernel.Log.Err(Module,
                    $"Attempt to merge block {chunk} from the middle of a chunk range [{exception.OldChunk} - {exception.Last}]");
                return false;
            default:
                return true;
        }
    }

    /// <summary>__release_queued_bios_after_merge.</summary>
    private TargetBio[] ReleaseQueuedBios()
    {
        _firstMergingChunk = 0;
        _mergingChunks = 0;
        TargetBio[] bios = [.. _queuedDuringMerge];
        _queuedDuringMerge.Clear();
        return bios;
    }
}
