using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <content>How a chunk gets its exception: prepared, copied, committed in order, complete.</content>
internal sealed partial class Snapshot
{
    /// <summary>DEFAULT_COW_THRESHOLD.</summary>
    private const uint CowThreshold = 2048;

    private readonly SortedDictionary<ulong, PendingException> _outOfOrder = [];
    private readonly WaitQueue _copiesAreFew;
    private ulong _startSequence;
    private ulong _completeSequence;
    private int _pendingCount;
    private uint _inProgress;

    /// <summary>__insert_pending_exception: null when the COW device is full.</summary>
    private PendingException? Prepare(ulong chunk)
    {
        var pending = new PendingException(this, chunk);
        if (!Store.TryPrepare(pending))
            return null;
        pending.Sequence = _startSequence++;
        _pendingCount++;
        Pending.Insert(pending);
        return pending;
    }

    /// <summary>
    /// What __origin_write does for one snapshot: the exception that the write of a chunk has to wait for, or null when there is one
    /// already or the snapshot does not care.
    /// </summary>
    public PendingException? PrepareForOriginWrite(ulong sector)
    {
        if (IsMerge || sector >= Table.Size.Value || !Valid || !Active)
            return null;
        ulong chunk = Store.ToChunk(sector);
        if (Pending.Find(chunk) is { } found)
            return found;
        if (Complete.Find(chunk) is not null)
            return null;
        var pending = Prepare(chunk);
        if (pending is null)
            Invalidate(Errno.ENOMEM);
        return pending;
    }

    /// <summary>account_start_copy.</summary>
    private void StartOfCopy() => _inProgress++;

    /// <summary>account_end_copy.</summary>
    private void EndOfCopy()
    {
        _inProgress--;
        if (_inProgress <= CowThreshold)
            _copiesAreFew.WakeAll();
    }

    /// <summary>wait_for_in_progress: who submits more sleeps while too many chunks are being copied.</summary>
    public void WaitForInProgress()
    {
        if (_inProgress > CowThreshold)
            Kernel.Blocks.SleepInSubmission(() => _inProgress <= CowThreshold);
    }

    /// <summary>start_copy.</summary>
    public void StartCopy(PendingException pending)
    {
        ulong from = Store.ToSector(pending.Exception.OldChunk);
        ulong count = Math.Min(Store.ChunkSize, unchecked(Origin.Device.Capacity.Value - from));
        StartOfCopy();
        _copier.Copy(Origin.Device, from, Cow.Device, Store.ToSector(pending.Exception.NewChunk), count, errors => CopiedAsync(pending, errors));
    }

    /// <summary>start_full_bio.</summary>
    private void StartFullBio(PendingException pending, TargetBio bio)
    {
        pending.Full = (bio, bio.EndIo);
        StartOfCopy();
        var done = _copier.PrepareCallback(errors => CopiedAsync(pending, errors));
        bio.EndIo = ended => done(ended.Status == BlkStatus.Ok ? CopyErrors.None : CopyErrors.Write);
        Kernel.Blocks.Submit(bio);
    }

    /// <summary>copy_callback: exceptions are committed in the order in which they were prepared.</summary>
    private async ValueTask CopiedAsync(PendingException pending, CopyErrors errors)
    {
        pending.CopyFailed = errors != CopyErrors.None;
        _outOfOrder.Add(pending.Sequence, pending);
        while (_outOfOrder.Remove(_completeSequence, out var next))
        {
            _completeSequence++;
            await Store.CommitAsync(next, !next.CopyFailed);
        }
        EndOfCopy();
    }

    /// <summary>pending_complete, in the copier's worker: what waited is submitted by that, and log lines name it.</summary>
    public async ValueTask CompletePendingAsync(PendingException pending, bool success)
    {
        while (_invalidating)
            await _invalidated.Sleep();
        if (!success)
            Invalidate(Errno.EIO);
        bool failed = !success || !Valid;
        if (!failed)
        {
            Insert(pending.Exception);
            await WaitForConflictingIoAsync(pending.Exception.OldChunk);
        }
        Pending.Remove(pending);
        Origins.PendingExceptionDone();
        if (pending.Full is { } full)
        {
            if (failed)
                full.Bio.Status = BlkStatus.IoErr;
            full.Bio.PassEndTo(full.EndIo);
        }
        foreach (var bio in pending.SnapshotBios)
        {
            if (failed)
                bio.End(BlkStatus.IoErr);
            else
                Kernel.RunAs(SimulatedKernel.BoundWorker, () => Kernel.Blocks.Submit(bio));
        }
        Kernel.RunAs(SimulatedKernel.BoundWorker, () => RetryOriginBios(pending.OriginBios));
        _pendingCount--;
    }

    /// <summary>retry_origin_bios: they go on, or wait for the next snapshot.</summary>
    private void RetryOriginBios(List<Bio> bios)
    {
        foreach (var bio in bios)
            if (Origins.Write(Origin.Device, bio, limit: false) == MapResult.Remapped)
                Kernel.Blocks.Submit(bio);
    }
}
