using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>Which half of a copy went wrong.</summary>
[Flags]
internal enum CopyErrors
{
    None = 0,
    Read = 1,
    Write = 2,
}

/// <summary>
/// Copies and zeroes runs of sectors in a worker of its own: a kcopyd client (drivers/md/dm-kcopyd.c, 6.1). Large jobs are done in
/// pieces, some of them at a time. Who hears of the end of a job is called in the worker; while he sleeps so does the worker.
/// </summary>
internal sealed class CopyClient(SimulatedKernel kernel)
{
    /// <summary>kcopyd_subjob_size_kb, in sectors.</summary>
    private const ulong PieceSectors = 1024;

    /// <summary>SPLIT_COUNT.</summary>
    private const int PiecesAtOnce = 8;

    private static readonly byte[] Zeros = new byte[PieceSectors * Sectors.BytesPerSector];

    private readonly Queue<Piece> _io = new();
    private readonly Queue<(Job Job, Piece? Piece)> _complete = new();
    private readonly Queue<Job> _callbacks = new();
    private readonly WaitQueue _idle = new(kernel);
    private int _jobs;
    private bool _woken;
    private bool _running;
    private bool _again;

    /// <summary>struct kcopyd_job: the whole of what was asked for.</summary>
    private sealed class Job
    {
        public BlockDevice? From { get; init; }
        public ulong FromSector { get; init; }
        public BlockDevice? To { get; init; }
        public ulong ToSector { get; init; }
        public ulong Count { get; init; }
        public required Func<CopyErrors, ValueTask> Done { get; init; }
        public ulong Started { get; set; }
        public int Running { get; set; }
        public CopyErrors Errors { get; set; }
        public bool IsSplit => Count > PieceSectors;
    }

    private sealed class Piece(Job job, ulong offset, ulong count)
    {
        public Job Job { get; } = job;
        public ulong Offset { get; } = offset;
        public ulong Count { get; } = count;
        public CopyErrors Errors { get; set; }

        /// <summary>What has been read; null before.</summary>
        public byte[]? Data { get; set; }
    }

    /// <summary>dm_kcopyd_copy with one destination. <paramref name="done"/> hears in the worker whether all went well.</summary>
    public void Copy(BlockDevice from, ulong fromSector, BlockDevice to, ulong toSector, ulong count, Action<bool> done) =>
        Copy(from, fromSector, to, toSector, count, Plain(done));

    /// <summary>dm_kcopyd_copy with one destination. <paramref name="done"/> may sleep, and the worker with him.</summary>
    public void Copy(
        BlockDevice from, ulong fromSector, BlockDevice to, ulong toSector, ulong count, Func<CopyErrors, ValueTask> done) =>
        Start(new Job { From = from, FromSector = fromSector, To = to, ToSector = toSector, Count = count, Done = done });

    /// <summary>dm_kcopyd_zero: by WRITE ZEROES where the device has that, else by writing the page of zeros.</summary>
    public void Zero(BlockDevice to, ulong toSector, ulong count, Action<bool> done) =>
        Start(new Job { To = to, ToSector = toSector, Count = count, Done = Plain(done) });

    private static Func<CopyErrors, ValueTask> Plain(Action<bool> done) => errors =>
    {
        done(errors == CopyErrors.None);
        return ValueTask.CompletedTask;
    };

    /// <summary>
    /// dm_kcopyd_prepare_callback: announces a job that somebody else does. What is returned is dm_kcopyd_do_callback, by which he says
    /// that it is done.
    /// </summary>
    public Action<CopyErrors> PrepareCallback(Func<CopyErrors, ValueTask> done)
    {
        var job = new Job { Done = done };
        _jobs++;
        return errors =>
        {
            job.Errors = errors;
            _callbacks.Enqueue(job);
            Wake();
        };
    }

    /// <summary>dm_kcopyd_client_destroy, as far as it sleeps: until no job is left.</summary>
    public async ValueTask WaitUntilIdleAsync()
    {
        while (_jobs > 0)
            await _idle.Sleep();
    }

    private void Start(Job job)
    {
        _jobs++;
        if (job.Count == 0)
        {
            _callbacks.Enqueue(job);
            Wake();
        }
        for (int i = 0; i < PiecesAtOnce && job.Started < job.Count; i++)
            StartPiece(job);
    }

    private void StartPiece(Job job)
    {
        ulong count = Math.Min(PieceSectors, job.Count - job.Started);
        _io.Enqueue(new Piece(job, job.Started, count));
        job.Started += count;
        job.Running++;
        Wake();
    }

    private void Wake()
    {
        if (_woken)
            return;
        _woken = true;
        kernel.Work.Start(RunAsync, isIo: true);
        // Measured on 6.1 with one processor: each chunk of a large write to an origin is copied before the next is looked at. Not so where
        // all threads are of one SCHED_FIFO priority: there the worker's turn comes when the submitter sleeps.
        if (kernel.FairScheduler)
            kernel.Blocks.PreemptSubmitter();
    }

    /// <summary>do_work. It is never run by two at once: queued while it sleeps, it starts over when it is done.</summary>
    private async Task RunAsync()
    {
        _woken = false;
        _again = _running;
        if (_running)
            return;
        _running = true;
        do
        {
            _again = false;
            while (_callbacks.TryDequeue(out var job))
                _complete.Enqueue((job, null));
            kernel.Blocks.StartPlug();
            while (_complete.TryDequeue(out var done))
                await CompleteAsync(done.Job, done.Piece);
            // Whoever slept has unplugged.
            kernel.Blocks.StartPlug();
            while (_io.TryDequeue(out var piece))
                Submit(piece);
            kernel.Blocks.FinishPlug();
        }
        while (_again);
        _running = false;
    }

    /// <summary>run_complete_job, and for a piece of a job segment_complete.</summary>
    private async ValueTask CompleteAsync(Job job, Piece? piece)
    {
        if (piece is not null)
        {
            job.Running--;
            job.Errors |= piece.Errors;
            if (job.Errors == CopyErrors.None && job.Started < job.Count)
            {
                StartPiece(job);
                return;
            }
            if (job.Running > 0)
                return;
            if (job.IsSplit)
            {
                _complete.Enqueue((job, null));
                return;
            }
        }
        await job.Done(job.Errors);
        if (--_jobs == 0)
            _idle.WakeAll();
    }

    private void Submit(Piece piece)
    {
        var job = piece.Job;
        bool reads = job.From is not null && piece.Data is null;
        if (reads)
            piece.Data = new byte[(int)piece.Count * Sectors.BytesPerSector];
        var bio = reads ? new Bio(job.From!, BioOp.Read) { Sector = unchecked(job.FromSector + piece.Offset) }
            : new Bio(job.To!, WriteOp(job)) { Sector = unchecked(job.ToSector + piece.Offset) };
        bio.SectorCount = piece.Count;
        if (bio.Op != BioOp.WriteZeroes)
        {
            bio.Data = piece.Data ?? Zeros.AsMemory(0, (int)piece.Count * Sectors.BytesPerSector);
            bio.DataIsZeroPage = job.From is null;
        }
        bio.EndIo = ended => Ended(piece, ended);
        kernel.RunAs(SimulatedKernel.BoundWorker, () => kernel.Blocks.Submit(bio));
    }

    private static BioOp WriteOp(Job job) =>
        job.From is null && job.To!.Limits.MaxWriteZeroesSectors != 0 ? BioOp.WriteZeroes : BioOp.Write;

    /// <summary>complete_io: what has been read is written next.</summary>
    private void Ended(Piece piece, Bio bio)
    {
        if (bio.Status != BlkStatus.Ok)
            piece.Errors |= bio.IsWrite ? CopyErrors.Write : CopyErrors.Read;
        if (piece.Errors != CopyErrors.None || bio.IsWrite)
            _complete.Enqueue((piece.Job, piece));
        else
            _io.Enqueue(piece);
        Wake();
    }
}
