using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>
/// Copies and zeroes runs of sectors in a worker of its own: a kcopyd client (drivers/md/dm-kcopyd.c, 6.1). Large jobs are done in
/// pieces, some of them at a time.
/// </summary>
internal sealed class CopyClient(SimulatedKernel kernel)
{
    /// <summary>kcopyd_subjob_size_kb, in sectors.</summary>
    private const ulong PieceSectors = 1024;

    /// <summary>SPLIT_COUNT.</summary>
    private const int PiecesAtOnce = 8;

    private static readonly byte[] Zeros = new byte[PieceSectors * Sectors.BytesPerSector];

    private readonly Queue<Piece> _io = new();
    private readonly Queue<Piece> _complete = new();
    private bool _woken;

    /// <summary>struct kcopyd_job: the whole of what was asked for.</summary>
    private sealed class Job
    {
        public BlockDevice? From { get; init; }
        public ulong FromSector { get; init; }
        public required BlockDevice To { get; init; }
        public required ulong ToSector { get; init; }
        public required ulong Count { get; init; }
        public required Action<bool> Done { get; init; }
        public ulong Started { get; set; }
        public int Running { get; set; }
        public bool Failed { get; set; }
    }

    private sealed class Piece(Job job, ulong offset, ulong count)
    {
        public Job Job { get; } = job;
        public ulong Offset { get; } = offset;
        public ulong Count { get; } = count;

        /// <summary>What has been read; null before.</summary>
        public byte[]? Data { get; set; }
    }

    /// <summary>dm_kcopyd_copy with one destination. <paramref name="done"/> hears in the worker whether all went well.</summary>
    public void Copy(BlockDevice from, ulong fromSector, BlockDevice to, ulong toSector, ulong count, Action<bool> done) =>
        Start(new Job { From = from, FromSector = fromSector, To = to, ToSector = toSector, Count = count, Done = done });

    /// <summary>dm_kcopyd_zero. The devices it is used on here have no WRITE ZEROES: it writes the page of zeros.</summary>
    public void Zero(BlockDevice to, ulong toSector, ulong count, Action<bool> done) =>
        Start(new Job { To = to, ToSector = toSector, Count = count, Done = done });

    private void Start(Job job)
    {
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
        kernel.Work.Enqueue(Run);
    }

    /// <summary>do_work.</summary>
    private void Run()
    {
        _woken = false;
        kernel.Blocks.StartPlug();
        while (_complete.TryDequeue(out var piece))
            Complete(piece.Job);
        while (_io.TryDequeue(out var piece))
            Submit(piece);
        kernel.Blocks.FinishPlug();
    }

    private void Complete(Job job)
    {
        job.Running--;
        if (!job.Failed && job.Started < job.Count)
            StartPiece(job);
        else if (job.Running == 0)
            job.Done(!job.Failed);
    }

    private void Submit(Piece piece)
    {
        var job = piece.Job;
        bool reads = job.From is not null && piece.Data is null;
        var bio = reads
            ? new Bio(job.From!, BioOp.Read) { Sector = job.FromSector + piece.Offset }
            : new Bio(job.To, BioOp.Write) { Sector = job.ToSector + piece.Offset, DataIsZeroPage = job.From is null };
        int bytes = (int)piece.Count * Sectors.BytesPerSector;
        if (reads)
            piece.Data = new byte[bytes];
        bio.SectorCount = piece.Count;
        bio.Data = piece.Data ?? Zeros.AsMemory(0, bytes);
        bio.EndIo = ended => Ended(piece, ended);
        kernel.Blocks.Submit(bio);
    }

    /// <summary>complete_io: what has been read is written next.</summary>
    private void Ended(Piece piece, Bio bio)
    {
        bool failed = bio.Status != BlkStatus.Ok;
        piece.Job.Failed |= failed;
        (failed || bio.IsWrite ? _complete : _io).Enqueue(piece);
        Wake();
    }
}
