using System.Numerics;
using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// struct request: one bio, or several that continue each other and were merged while the queue was plugged
/// (block/blk-mq.c, block/blk-merge.c, 6.1). A queue uses its requests again and again, as the kernel does those of its tags.
/// </summary>
internal sealed class BlockRequest
{
    private const BioFlags NoMergeFlags = BioFlags.NoMerge | BioFlags.Preflush | BioFlags.Fua;

    private Bio _first = null!;
    private BioFlags _flags;
    private List<Bio>? _more;
    private ulong _segments;

    /// <summary>blk_mq_bio_to_request.</summary>
    public void Start(Bio bio)
    {
        _first = bio;
        _flags = bio.Flags;
        Sector = bio.Sector;
        SectorCount = bio.SectorCount;
        _segments = Segments(bio);
        _ended = 0;
        _countedSectors = 0;
    }

    /// <summary>Lets go of its bios.</summary>
    public void Clear()
    {
        _first = null!;
        _more?.Clear();
    }

    // Bytes that have ended before the rest (blk_update_request), and the whole sectors that were counted of them.
    private ulong _ended;
    private ulong _countedSectors;

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

    /// <summary>blk_bio_list_merge: with one of so many, the newest first.</summary>
    public static bool TryMergeWithNewest(List<BlockRequest> requests, Bio bio, QueueLimits limits, int candidates)
    {
        int oldest = Math.Max(0, requests.Count - candidates);
        for (int i = requests.Count - 1; i >= oldest; i--)
        {
            if (requests[i].Device == bio.Device && requests[i].TryMerge(bio, limits))
                return true;
        }
        return false;
    }

    /// <summary>
    /// blk_update_request for bytes at its beginning, which the driver has moved: what is left begins behind them, on a whole sector, and what is
    /// counted of it are whole sectors.
    /// </summary>
    public void EndPart(uint bytes)
    {
        _ended += bytes;
        _countedSectors += bytes >> Sectors.Shift;
        Sector += bytes >> Sectors.Shift;
    }

    /// <summary>blk_account_io_completion: what failed counts as well.</summary>
    public ulong CountedSectors => _countedSectors + (((SectorCount << Sectors.Shift) - _ended) >> Sectors.Shift);

    /// <summary>
    /// blk_update_request for all of it: an error is logged, each bio is advanced to its end and ends.
    /// phys_seg counts pages; a real machine's memory may have neighbouring pages and then says less.
    /// </summary>
    public void Complete(BlkStatus status)
    {
        if (status != BlkStatus.Ok)
            LogError(status, Device.Kernel.Profile);
        ulong end = 0;
        for (int i = 0; i < BioCount; i++)
        {
            var bio = BioAt(i);
            end += bio.SectorCount << Sectors.Shift;
            bio.Advance(bio.SectorCount);
            if (status != BlkStatus.Ok && (end > _ended || _ended == 0))
                bio.Status = status;
            bio.End();
        }
    }

    /// <summary>blk_recalc_rq_segments, once a part has ended.</summary>
    private ulong SegmentsLeft()
    {
        if (_ended == 0)
            return _segments;
        ulong segments = 0, end = 0;
        for (int i = 0; i < BioCount; i++)
        {
            var bio = BioAt(i);
            ulong length = bio.SectorCount << Sectors.Shift;
            ulong left = Math.Min(length, Math.Max(end + length, _ended) - _ended);
            end += length;
            segments += left == 0 ? 0 : Segments(bio, bio.MemoryOffset + length - left, left);
        }
        return segments;
    }

    /// <summary>blk_print_req_error, once print_req_error. The class is that of best effort, which the harness gives its tasks, or none.</summary>
    private void LogError(BlkStatus status, KernelProfile profile)
    {
        // blk_mq_bio_to_request: a read ahead is not tried again.
        var flags = (Flags & BioFlags.ReadAhead) == 0 ? Flags : Flags | BioFlags.FailfastDev | BioFlags.FailfastTransport | BioFlags.FailfastDriver;
        // blk_insert_flush: what the device does not do itself is not asked of it.
        if (_first.IsFlush)
            flags = flags & ~(Device.Limits.Fua ? BioFlags.Preflush : BioFlags.Preflush | BioFlags.Fua) | BioFlags.Sync;
        int priorityClass = _first.IsDirect || (_first.HasPriority && profile.Has(KernelRule.PrioritiesOfTasks)) ? 2 : 0;
        bool plain = profile.Has(KernelRule.RequestErrorsPlain);
        Device.Kernel.RateLimits.Write(plain ? "blk_print_req_error" : "print_req_error", 3, (plain ? "" : "blk_update_request: ")
            + $"{status.ToWords()} error, dev {Device.Name}, sector {Sector} op 0x{(int)Op:x}:({Op.KernelName()}) "
            + $"flags 0x{flags.KernelBits(profile):x} phys_seg {SegmentsLeft()} prio class {priorityClass}");
    }

    private static ulong Segments(Bio bio) => bio.Op switch
    {
        BioOp.Discard or BioOp.SecureErase => 1,
        BioOp.WriteZeroes => 0,
        _ => Segments(bio, bio.MemoryOffset, bio.SectorCount << Sectors.Shift),
    };

    private static ulong Segments(Bio bio, ulong offset, ulong bytes) => bio.CopiedBytes != 0 ? SegmentsOfCopy(bio.CopiedBytes, offset, offset + bytes)
        : Quotient(offset % QueueLimits.PAGE_SIZE + bytes, QueueLimits.PAGE_SIZE);

    /// <summary>A copy is taken in runs of pages, of which there are powers of two, the largest first (clone_bio, drivers/md/dm-flakey.c, 6.12).</summary>
    private static ulong SegmentsOfCopy(ulong copied, ulong start, ulong end)
    {
        ulong segments = 0, pages = Quotient(copied, QueueLimits.PAGE_SIZE);
        for (ulong at = 0, run; pages != 0; pages -= run, at += run * QueueLimits.PAGE_SIZE)
        {
            run = 1UL << BitOperations.Log2(pages);
            ulong from = Math.Max(at, start), to = Math.Min(at + run * QueueLimits.PAGE_SIZE, end);
            segments += to <= from ? 0 : Quotient(to - from, QueueLimits.BLK_MAX_SEGMENT_SIZE);
        }
        return segments;
    }

    private static ulong Quotient(ulong bytes, uint unit) => (bytes + unit - 1) / unit;
}
