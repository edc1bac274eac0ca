using DmSim.Model.Blocks;
using DmSim.Model.Profiles;
using DmSim.Model.Statistics;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>
/// struct dm_io: a bio to a mapped device, or the piece of it that is sent to one target, until its clones have ended. The first of these,
/// mostly the only one, is part of it.
/// </summary>
internal sealed class DeviceIo : TargetBio
{
    private TimeSpan _started;

    /// <summary>DM_IO_BLK_STAT.</summary>
    private bool _counts;
    private SplitPiece? _piece;
    private bool _merged;
    private bool _hasClone;

    /// <summary>alloc_io.</summary>
    public DeviceIo(MappedDevice owner, Bio original)
        : base(original)
    {
        Owner = owner;
        Original = original;
        Start();
    }

    /// <summary>For another bio, once all of this one's has ended.</summary>
    public void Reuse(Bio original)
    {
        ReuseFor(original);
        Original = original;
        (_piece, _merged, _hasClone) = (null, false, false);
        (References, Outcome, SendsFlush, IsAccounted) = (2, BlkStatus.Ok, false, false);
        Start();
    }

    /// <summary>Whether nobody needs it any more when its clones have ended: no piece is to be done over, no data to be sent after a flush.</summary>
    public bool IsReusable => !WasSplit && !SendsFlush;

    private void Start()
    {
        var owner = Owner;
        _started = owner.Kernel.Time.Now;
        _counts = (owner.Queue.CountsIo ?? true) || !owner.Kernel.Profile.Has(KernelRule.BiosMayGoUncounted);
        if (!owner.Kernel.Profile.Has(KernelRule.PiecesCountWhenSent))
            StartAccounting();
    }

    public MappedDevice Owner { get; }

    /// <summary>The bio that was submitted to the mapped device.</summary>
    public Bio Original { get; private set; }

    /// <summary>One for whoever submits, one for a clone (alloc_io).</summary>
    public int References { get; set; } = 2;

    /// <summary>io->status: of all its clones.</summary>
    public BlkStatus Outcome { get; set; }

    /// <summary>Sectors of the piece.</summary>
    public ulong Length { get; private set; }

    /// <summary>Its clones are empty flushes; data of the original is sent when they have ended.</summary>
    public bool SendsFlush { get; private set; }

    /// <summary>__send_empty_flush.</summary>
    public void BeginFlush()
    {
        SendsFlush = true;
        SetLength(0, 0);
    }

    /// <summary>DM_IO_WAS_SPLIT: the piece is not the whole original.</summary>
    public bool WasSplit => _piece is not null;

    /// <summary>Where a piece begins that is not the whole original, and how far from the end of that.</summary>
    private sealed record SplitPiece(ulong Sector, Memory<byte> Data, ulong SectorOffset);

    /// <summary>setup_split_accounting.</summary>
    public void SetLength(ulong length, ulong left)
    {
        Length = length;
        if (left > length)
            SetSplit();
    }

    /// <summary>The part of dm_accept_partial_bio that concerns the whole.</summary>
    public void ShortenTo(ulong length)
    {
        Length = length;
        SetSplit();
    }

    /// <summary>Before the original moves on to the rest.</summary>
    private void SetSplit() => _piece = new SplitPiece(Original.Sector, Original.Data, Original.SectorCount);

    /// <summary>alloc_tio: the next clone. Only the first can come from a cache of bios.</summary>
    public TargetBio CloneFor(Target? target, uint number, bool fromCache)
    {
        var clone = _hasClone ? new TargetBio(this) : this;
        _hasClone = true;
        clone.SendTo(target, number, fromCache && clone == this);
        return clone;
    }

    /// <summary>DM_IO_ACCOUNTED.</summary>
    public bool IsAccounted { get; private set; }

    /// <summary>dm_start_io_acct: once, when the first clone goes on its way.</summary>
    public void StartAccounting()
    {
        if (IsAccounted)
            return;
        IsAccounted = true;
        if (_counts)
        {
            Owner.Counters.Begin(Original.Op);
            if (!Owner.Kernel.Profile.Has(KernelRule.BiosCountWhenDone))
                Owner.Counters.Count(Original.Op, AccountedSectors);
        }
        if (Owner.StatisticsIfUsed is { } statistics)
            _merged = statistics.AccountStart(Accounted);
    }

    /// <summary>dm_end_io_acct.</summary>
    public void EndAccounting()
    {
        if (_counts)
        {
            Owner.Counters.End(Original.Op);
            if (Owner.Kernel.Profile.Has(KernelRule.BiosCountWhenDone))
                Owner.Counters.Count(Original.Op, AccountedSectors);
        }
        Owner.StatisticsIfUsed?.AccountEnd(Accounted);
    }

    /// <summary>
    /// bio_split (__split_and_process_bio, drivers/md/dm.c, 5.10): the piece gets a bio of its own, and the original is what is left.
    /// </summary>
    public void SplitOff()
    {
        var rest = Original;
        Original = new Bio(rest);
        Original.Truncate(Length);
        rest.Advance(Length);
        Original.ChainTo(rest);
        Owner.Counters.Discount(Original.Op, rest.SectorCount);
    }

    private ulong AccountedSectors => !Owner.Kernel.Profile.Has(KernelRule.PiecesCountWhenSent) ? Original.SectorCount
        : SendsFlush ? 0 : WasSplit ? Length : Original.SectorCount;

    /// <summary>
    /// dm_io_acct: a piece of a split bio counts from the bio's end, which stays where it is. The data of a flush counts when it is sent.
    /// </summary>
    private AccountedIo Accounted
    {
        get
        {
            ulong sector = _piece is { } piece && Owner.Kernel.Profile.Has(KernelRule.PiecesCountWhenSent)
                ? unchecked(Original.EndSector - piece.SectorOffset) : Original.Sector;
            return new AccountedIo(Original.Op.IsWrite() ? 1 : 0, sector, AccountedSectors, _started, _merged);
        }
    }

    /// <summary>dm_io_dec_pending. An error stands until another one comes, only a push-back during a noflush suspend outlives all.</summary>
    public void DropReference(BlkStatus status)
    {
        if (status != BlkStatus.Ok && !(Outcome == BlkStatus.DmRequeue && Owner.NoflushSuspending))
            Outcome = status;
        if (--References == 0)
            Owner.CompleteIo(this, firstStage: WasSplit);
    }

    /// <summary>
    /// dm_io_rewind (drivers/md/dm-io-rewind.c): the original has moved on to its later pieces, so that this one gets a bio of its own
    /// to be done over.
    /// </summary>
    public void Rewind()
    {
        var piece = _piece!;
        var again = new Bio(Original)
        {
            Sector = piece.Sector,
            SectorCount = Length,
            Data = piece.Data.IsEmpty ? piece.Data : piece.Data[..(int)(Length * Abi.Sectors.BytesPerSector)],
        };
        again.ComesFromCache(false);
        again.ChainTo(Original);
        // The original counted this piece when it was split.
        Original.DecRemaining();
        Original = again;
    }
}
