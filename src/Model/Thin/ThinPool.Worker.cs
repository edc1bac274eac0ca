using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Thin;

/// <content>The pool's one worker: only it looks at deferred bios and changes mappings, so that their order is that of its steps.</content>
internal sealed partial class ThinPool
{
    /// <summary>COMMIT_PERIOD.</summary>
    private const long CommitPeriod = Jiffies.PerSecond;

    /// <summary>CELL_SORT_ARRAY_SIZE.</summary>
    private const int CellSortSize = 8192;

    /// <summary>Of process_thin_deferred_bios.</summary>
    private const int BiosBetweenPrefetches = 128;

    private readonly List<TargetBio> _deferredFlushBios = [];
    private readonly List<Bio> _deferredFlushCompletions = [];
    private List<NewMapping> _preparedMappings = [];
    private List<NewMapping> _preparedDiscards = [];
    private List<NewMapping> _preparedDiscardsPart2 = [];
    private readonly Action _runQueuedWorker;
    private readonly Action _runWorker;
    private bool _workerQueued;
    private VirtualTimer? _waker;
    private long _lastCommit;

    // The mode's functions, as the pool has them in the kernel: not all change with every mode.
    private Action<ThinVolume, TargetBio> _processBio = null!;
    private Action<ThinVolume, TargetBio> _processDiscard = null!;
    private Action<ThinVolume, PrisonCell> _processCell = null!;
    private Action<ThinVolume, PrisonCell> _processDiscardCell;
    private Action<NewMapping> _processPreparedMapping = null!;
    private Action<NewMapping> _processPreparedDiscard;

    private void SetFailFunctions()
    {
        _processBio = FailBio;
        _processDiscard = FailBio;
        _processCell = ErrorCell;
        _processDiscardCell = ErrorCell;
        _processPreparedMapping = FailPreparedMapping;
        _processPreparedDiscard = FailPreparedDiscard;
    }

    private void SetReadOnlyFunctions()
    {
        _processBio = ProcessBioReadOnly;
        _processDiscard = static (_, bio) => bio.End();
        _processCell = ProcessCellReadOnly;
        _processDiscardCell = (_, cell) => EndCell(cell, BlkStatus.Ok);
        _processPreparedMapping = FailPreparedMapping;
        _processPreparedDiscard = SucceedPreparedDiscard;
    }

    private void SetOutOfDataSpaceFunctions()
    {
        _processBio = ProcessBioReadOnly;
        _processDiscard = ProcessDiscardBio;
        _processCell = ProcessCellReadOnly;
        _processPreparedMapping = ProcessPreparedMapping;
        SetDiscardFunctions();
    }

    private void SetWriteFunctions()
    {
        _processBio = ProcessBio;
        _processDiscard = ProcessDiscardBio;
        _processCell = ProcessCell;
        _processPreparedMapping = ProcessPreparedMapping;
        SetDiscardFunctions();
    }

    /// <summary>set_discard_callbacks.</summary>
    private void SetDiscardFunctions()
    {
        bool passdown = Control?.Adjusted.DiscardPassdown ?? false;
        _processDiscardCell = passdown ? ProcessDiscardCellWithPassdown : ProcessDiscardCellWithoutPassdown;
        _processPreparedDiscard = passdown ? StartDiscardPassdown : FinishDiscardWithoutPassdown;
    }

    /// <summary>wake_worker.</summary>
    internal void WakeWorker()
    {
        if (_workerQueued)
            return;
        _workerQueued = true;
        if (_workerGoesFirst)
            Kernel.Work.EnqueueUrgent(_runQueuedWorker);
        else
            Kernel.QueueUnbound(_runQueuedWorker);
    }

    private void RunQueuedWorker()
    {
        if (_workerQueued)
            Kernel.RunAs(Machine.SimulatedKernel.UnboundWorker, _runWorker);
        _workerGoesFirst = false;
        while (_behindWorker.TryDequeue(out var work))
            work();
    }

    // What is queued behind a worker that goes first.
    private readonly Queue<Action> _behindWorker = new();

    /// <summary>flush_workqueue.</summary>
    private void FlushWorker()
    {
        while (_workerQueued)
            RunWorker();
    }

    /// <summary>pool_work_wait: does something in the worker's turn.</summary>
    internal Task RunInWorkerAsync(Action work)
    {
        var done = new TaskCompletionSource();
        if (_workerGoesFirst)
            _behindWorker.Enqueue(Work);
        else
            Kernel.QueueUnbound(Work);
        return done.Task;

        void Work()
        {
            work();
            done.SetResult();
        }
    }

    /// <summary>do_waker: the worker has a look every second, whether anything needs to be committed.</summary>
    private void Wake()
    {
        WakeWorker();
        if (_waker is null or { Fired: true })
            _waker = TimerWheel.Arm(Kernel.Time, Now + CommitPeriod, Wake);
    }

    /// <summary>do_worker.</summary>
    private void RunWorker()
    {
        _workerQueued = false;
        _eventWaitersQueue = _eventWaitersAreNext = false;
        Metadata.IssuePrefetches();
        if (_preparedMappings.Count > 0)
            ProcessPrepared(ref _preparedMappings, m => _processPreparedMapping(m));
        if (_preparedDiscards.Count > 0)
            ProcessPrepared(ref _preparedDiscards, m => _processPreparedDiscard(m));
        if (_preparedDiscardsPart2.Count > 0)
            ProcessPrepared(ref _preparedDiscardsPart2, FinishDiscardPassdown);
        ProcessDeferredBios();
    }

    private static void ProcessPrepared(ref List<NewMapping> list, Action<NewMapping> process)
    {
        var taken = list;
        list = [];
        foreach (var mapping in taken)
            process(mapping);
    }

    /// <summary>process_deferred_bios, with the one commit for all bios that need one.</summary>
    private void ProcessDeferredBios()
    {
        foreach (var volume in _volumes)
        {
            ProcessDeferredCells(volume);
            ProcessDeferredBios(volume);
        }
        if (_deferredFlushBios.Count == 0 && _deferredFlushCompletions.Count == 0 && !(IsCommitDue && Metadata.ChangedThisTransaction))
            return;
        TargetBio[] bios = [.. _deferredFlushBios];
        Bio[] completions = [.. _deferredFlushCompletions];
        _deferredFlushBios.Clear();
        _deferredFlushCompletions.Clear();
        if (Commit() != Errno.None)
        {
            foreach (var bio in bios.Concat(completions))
                bio.End(BlkStatus.IoErr);
            return;
        }
        _lastCommit = Now;
        foreach (var bio in completions)
            bio.End();
        foreach (var bio in bios)
        {
            // The commit has flushed the data device.
            if (bio.IsPreflush)
                bio.End();
            else
                bio.SubmitRemapped();
        }
    }

    /// <summary>need_commit_due_to_time.</summary>
    private bool IsCommitDue => Now > _lastCommit + CommitPeriod;

    /// <summary>process_thin_deferred_cells: in the order of their sectors.</summary>
    private void ProcessDeferredCells(ThinVolume volume)
    {
        if (volume.DeferredCells.Count == 0)
            return;
        if (volume.DeferredCells.Count == 1)
        {
            var only = volume.DeferredCells[0];
            volume.DeferredCells.Clear();
            ProcessDeferredCell(volume, only);
            return;
        }
        PrisonCell[] cells = [.. volume.DeferredCells];
        volume.DeferredCells.Clear();
        foreach (var chunk in cells.Chunk(CellSortSize))
            foreach (var cell in chunk.OrderBy(c => c.Holder!.Sector))
                ProcessDeferredCell(volume, cell);
    }

    private void ProcessDeferredCell(ThinVolume volume, PrisonCell cell)
    {
        if (cell.Holder!.Op == BioOp.Discard)
            _processDiscardCell(volume, cell);
        else
            _processCell(volume, cell);
    }

    /// <summary>process_thin_deferred_bios.</summary>
    private void ProcessDeferredBios(ThinVolume volume)
    {
        if (volume.DeferredBios.Count == 0)
            return;
        TargetBio[] bios = [.. volume.DeferredBios];
        volume.DeferredBios.Clear();
        if (volume.RequeueMode)
        {
            foreach (var bio in bios)
                bio.End(BlkStatus.DmRequeue);
            return;
        }
        Kernel.Blocks.StartPlug();
        int count = 0;
        foreach (var bio in bios.OrderBy(b => b.Sector))
        {
            if (bio.Op == BioOp.Discard)
                _processDiscard(volume, bio);
            else
                _processBio(volume, bio);
            if (count++ % BiosBetweenPrefetches == 0)
                Metadata.IssuePrefetches();
        }
        Kernel.Blocks.FinishPlug();
    }

    /// <summary>error_retry_list_with_code.</summary>
    private void ErrorRetryList(BlkStatus status)
    {
        foreach (var volume in _volumes)
            volume.ErrorRetryList(status);
    }

    /// <summary>cell_error_with_code: everybody in it ends so.</summary>
    internal void EndCell(PrisonCell cell, BlkStatus status)
    {
        _prison.Release(cell);
        foreach (var bio in cell.Inmates.ToArray())
            bio.End(status);
    }

    private void ErrorCell(ThinVolume volume, PrisonCell cell) => EndCell(cell, IoErrorCode);

    private static void FailBio(ThinVolume volume, TargetBio bio) => bio.End(BlkStatus.IoErr);
}
