using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// struct request: one bio, or several that continue each other and were merged while the queue was plugged
/// (block/blk-mq.c, block/blk-merge.c, 6.1).
/// </summary>
internal sealed class BlockRequest
{
    private const BioFlags NoMergeFlags = BioFlags.NoMerge | BioFlags.Preflush | BioFlags.Fua;

    private Bio _first;
    private BioFlags _flags;
    private List<Bio>? _more;
    private ulong _segments;

    public BlockRequest(Bio bio)
    {
        _first = bio;
        _flags = bio.Flags;
        Sector = bio.Sector;
        SectorCount = bio.SectorCount;
        _segments = Segments(bio);
    }

    public BioOp Op => _first.Op;
    public BioFlags Flags => _flags;
    public ulong Sector { get; private set; }
    public ulong SectorCount { get; private set; }
    public RequestDevice Device => (RequestDevice)_first.Device;

    /// <summary>The bios of the request, in order, by number: most requests are of one.</summary>
    public int BioCount => 1 + (_more?.Count ?? 0);

    public Bio BioAt(int number) => number == 0 ? _first : _more![number - 1];

    /// <summary>
    /// blk_attempt_bio_merge: takes the bio in when it continues the request at either end. A request that is too large for it takes
    /// in no more at all (req_set_nomerge).
    /// </summary>
    public bool TryMerge(Bio bio, QueueLimits limits)
    {
        if (Op != bio.Op || Op is BioOp.WriteZeroes || ((Flags | bio.Flags) & NoMergeFlags) != 0)
            return false;
        bool back = Sector + SectorCount == bio.Sector;
        if (!back && bio.Sector + bio.SectorCount != Sector)
            return false;
        ulong segments = Op == BioOp.Discard ? 0 : Segments(bio);
        uint max = Op == BioOp.Discard ? limits.MaxDiscardSectors : BioSplitting.MaxSectorsAt(back ? Sector : bio.Sector, limits);
        if (SectorCount + bio.SectorCount > max || _segments + segments > QueueLimits.BLK_MAX_SEGMENTS)
        {
            _flags |= BioFlags.NoMerge;
            return false;
        }
        _more ??= [];
        if (back)
        {
            _more.Add(bio);
        }
        else
        {
            _more.Insert(0, _first);
            _first = bio;
            Sector = bio.Sector;
        }
        SectorCount += bio.SectorCount;
        _segments += segments;
        return true;
    }

    /// <summary>
    /// blk_update_request for all of it: an error is logged, each bio is advanced to its end and ends.
    /// phys_seg counts pages; a real machine's memory may have neighbouring pages and then says less.
    /// </summary>
    public void Complete(BlkStatus status)
    {
        if (status != BlkStatus.Ok)
            LogError(status, Device.Kernel.Profile);
        for (int i = 0; i < BioCount; i++)
        {
            var bio = BioAt(i);
            bio.Advance(bio.SectorCount);
            if (status != BlkStatus.Ok)
                bio.Status = status;
            bio.End();
        }
    }

    /// <summary>blk_print_req_error. The class is that of best effort, which the harness gives its tasks, or none.</summary>
    private void LogError(BlkStatus status, KernelProfile profile)
    {
        int priorityClass = _first.IsDirect || profile.Has(KernelRule.PrioritiesOfTasks) ? 2 : 0;
        Device.Kernel.RateLimits.Write("blk_print_req_error", 3, (profile.Has(KernelRule.RequestErrorsPlain) ? "" : "blk_update_request: ")
            + $"{status.ToWords()} error, dev {Device.Name}, sector {Sector} op 0x{(int)Op:x}:({Op.KernelName()}) "
            + $"flags 0x{Flags.KernelBits(profile):x} phys_seg {_segments} prio class {priorityClass}");
    }

    private static ulong Segments(Bio bio) => bio.Op switch
    {
        BioOp.Discard or BioOp.SecureErase => 1,
        BioOp.WriteZeroes => 0,
        _ => (bio.PageOffset + bio.SectorCount * Sectors.BytesPerSector + QueueLimits.PAGE_SIZE - 1) / QueueLimits.PAGE_SIZE,
    };
}
