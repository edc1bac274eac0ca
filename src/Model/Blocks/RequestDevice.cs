using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// A device with a request queue (blk-mq) and one worker that handles its requests in order, after whoever submitted them
/// has gone to sleep (block/blk-mq.c, block/blk-flush.c, 6.1).
/// </summary>
public abstract class RequestDevice : BlockDevice
{
    /// <summary>The queue's depth (loop_add, drivers/block/loop.c): so many requests are under way at most, those in a plug too.</summary>
    internal const int Tags = 128;

    /// <summary>blk_do_io_stat.</summary>
    private bool CountsIo => Queue.CountsIo ?? true;

    /// <summary>Of so many requests that wait for the block layer's worker it is asked whether a bio continues them (blk_mq_sched_bio_merge).</summary>
    private const int MergeCandidates = 8;

    private readonly Queue<BlockRequest> _queued = new();
    private readonly Action _runWorker;
    private readonly Action _runQueue;
    private bool _workerWoken;
    // ctx->rq_lists: what plugs held of those who have gone to sleep.
    private List<BlockRequest> _inserted = [];
    private bool _runQueued;
    private int _tagsInUse;
    // Requests that nobody uses now.
    private readonly Stack<BlockRequest> _spare = new();

    protected RequestDevice(SimulatedKernel kernel, DeviceNumber number, string name)
        : base(kernel, number, name)
    {
        _runWorker = RunWorker;
        _runQueue = RunQueue;
    }

    /// <summary>blk_mq_submit_bio.</summary>
    public override void HandleBio(Bio bio)
    {
        bio = BioSplitting.SplitToLimits(bio);
        var plug = Kernel.Blocks.Plug;
        if (Queue.NoMerges < 2 && (plug?.TryMerge(bio) == true || BlockRequest.TryMergeWithNewest(_inserted, bio, Limits, MergeCandidates)))
        {
            if (CountsIo)
                CountersOf(bio).Merged(bio.Op);
            return;
        }
        if (_tagsInUse >= Queue.Requests)
            WaitForTags(plug);
        _tagsInUse++;
        if (!_spare.TryPop(out var request))
            request = new BlockRequest();
        request.Start(bio);
        CountersOf(bio).Begin(bio.Op);
        if (plug is not null && !bio.IsFlush)
            plug.Add(request);
        else
            QueueRequest(request);
    }

    private IoCounters CountersOf(Bio bio) => (bio.Partition as BlockDevice ?? this).Counters;

    /// <summary>
    /// blk_mq_get_tag: whoever submits sleeps, after what was inserted has gone to the driver; what he holds back himself goes there
    /// first, but by another worker, so that it is not among what the driver does until the sleeper is woken.
    /// </summary>
    private void WaitForTags(Plug? plug)
    {
        DispatchInserted();
        var held = plug?.Take() ?? [];
        while (_queued.TryDequeue(out var request))
            Handle(request);
        if (_tagsInUse >= Queue.Requests)
            SettleRequests();
        foreach (var request in held)
            request.Device.QueueRequest(request);
    }

    /// <summary>Waits until what the driver has begun is finished.</summary>
    private protected virtual void SettleRequests() { }

    /// <summary>
    /// blk_mq_insert_requests: the request goes to the driver by a worker of the block layer (kblockd, blk_mq_run_work_fn), after those that
    /// have been woken before. What is submitted meanwhile is merged with it, or overtakes it.
    /// </summary>
    internal void InsertRequest(BlockRequest request)
    {
        _inserted.Add(request);
        if (_runQueued)
            return;
        _runQueued = true;
        Kernel.Work.EnqueueIo(_runQueue);
    }

    /// <summary>blk_mq_run_work_fn.</summary>
    private void RunQueue()
    {
        _runQueued = false;
        DispatchInserted();
    }

    /// <summary>blk_mq_sched_dispatch_requests.</summary>
    private void DispatchInserted()
    {
        var requests = _inserted;
        _inserted = [];
        foreach (var request in requests)
            QueueRequest(request);
    }

    /// <summary>queue_rq: the worker will handle it. A device that is not ready for any refuses it at once.</summary>
    internal void QueueRequest(BlockRequest request)
    {
        if (!TakesRequests)
        {
            Handle(request);
            return;
        }
        _queued.Enqueue(request);
        if (Kernel.Blocks.RunsAtOnce)
        {
            RunWorker();
            return;
        }
        if (_workerWoken)
            return;
        _workerWoken = true;
        if (Kernel.Profile.Has(KernelRule.LoopHasWorkers))
            Kernel.QueueUnbound(_runWorker, isIo: true);
        else
            Kernel.Work.EnqueueIo(_runWorker);
    }

    private void RunWorker()
    {
        while (_queued.TryDequeue(out var request))
            Handle(request);
        _workerWoken = false;
    }

    private void Handle(BlockRequest request)
    {
        if (HandleWithFlushes(request) is { } status)
            Finish(request, status);
    }

    /// <summary>blk_mq_end_request.</summary>
    private protected void Finish(BlockRequest request, BlkStatus status)
    {
        _tagsInUse--;
        var counters = CountersOf(request.BioAt(0));
        counters.End(request.Op);
        // blk_account_io_done and blk_account_io_completion.
        if (CountsIo)
            counters.Count(request.Op, request.CountedSectors);
        request.Complete(status);
        request.Clear();
        _spare.Push(request);
    }

    /// <summary>
    /// blk_flush_policy: a flush before the data, the data, and a flush after it where FUA was asked and the device has none.
    /// The first failure ends it.
    /// </summary>
    /// <returns>Null while it is still being done.</returns>
    private BlkStatus? HandleWithFlushes(BlockRequest request)
    {
        bool cache = Limits.WriteCache;
        BlkStatus? status = BlkStatus.Ok;
        if (cache && (request.Flags & BioFlags.Preflush) != 0)
            status = HandlePreflush(request);
        if (status == BlkStatus.Ok && request.SectorCount > 0)
            status = HandleRequest(request.Op, request);
        if (status == BlkStatus.Ok && cache && (request.Flags & BioFlags.Fua) != 0 && !Limits.Fua)
            status = HandleFlush(request);
        return status;
    }

    // Requests to come whose flush the last one was, and how many the next one is for (blk_kick_flush, block/blk-flush.c).
    private int _sharers, _nextRound;
    private BlkStatus? _sharedFlush;

    /// <summary>Who comes while a flush is under way waits for its end; then one flush is for all of those.</summary>
    private BlkStatus? HandlePreflush(BlockRequest request)
    {
        if (_sharers > 0)
        {
            _sharers--;
            return _sharedFlush;
        }
        _sharedFlush = HandleFlush(request);
        _sharers = Math.Max(0, _nextRound - 1);
        _nextRound = _queued.Count(static queued => (queued.Flags & BioFlags.Preflush) != 0) - _sharers;
        return _sharedFlush;
    }

    /// <summary>blk_account_io_flush counts each, also where I/O is not counted.</summary>
    private BlkStatus? HandleFlush(BlockRequest request)
    {
        Counters.Flushed();
        return HandleRequest(BioOp.Flush, request);
    }

    /// <summary>Whether the driver has somewhere to send requests to.</summary>
    private protected abstract bool TakesRequests { get; }

    /// <summary>The driver does one thing of a request. Null: it begins to, and will <see cref="Finish"/> it; of one without flushes only.</summary>
    private protected abstract BlkStatus? HandleRequest(BioOp op, BlockRequest request);
}
