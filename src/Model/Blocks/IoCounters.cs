using System.Globalization;

namespace DmSim.Model.Blocks;

/// <summary>
/// struct disk_stats: what /sys/block/DEVICE/stat and /proc/diskstats count (block/genhd.c, part_stat_show, 6.1). Times are not among
/// it: how long a real disk takes is no property of the kernel, and here nothing takes time.
/// </summary>
/// <param name="whole">Of a partition, what counts for its disk: that counts the same (part_stat_add).</param>
internal sealed class IoCounters(IoCounters? whole = null)
{
    private const int Read = 0, Write = 1, Discard = 2;

    private readonly ulong[] _ios = new ulong[3];
    private readonly ulong[] _merges = new ulong[3];
    private readonly ulong[] _sectors = new ulong[3];
    private readonly int[] _inFlight = new int[2];
    private ulong _flushes;

    /// <summary>op_stat_group: a flush is a write here, and so is the writing of zeros.</summary>
    private static int Group(BioOp op) => op == BioOp.Discard ? Discard : op.IsWrite() || op == BioOp.Flush ? Write : Read;

    private static int Direction(BioOp op) => op.IsWrite() ? 1 : 0;

    public void Begin(BioOp op)
    {
        _inFlight[Direction(op)]++;
        whole?.Begin(op);
    }

    public void Count(BioOp op, ulong sectors)
    {
        _ios[Group(op)]++;
        _sectors[Group(op)] += sectors;
        whole?.Count(op, sectors);
    }

    /// <summary>__dm_part_stat_sub (drivers/md/dm.c, 5.10): sectors that were counted and will be once more.</summary>
    public void Discount(BioOp op, ulong sectors)
    {
        _sectors[Group(op)] -= sectors;
        whole?.Discount(op, sectors);
    }

    public void End(BioOp op)
    {
        _inFlight[Direction(op)]--;
        whole?.End(op);
    }

    public void Merged(BioOp op)
    {
        _merges[Group(op)]++;
        whole?.Merged(op);
    }

    public void Flushed() => _flushes++;

    /// <summary>The fields of /proc/diskstats behind the name, separated by single spaces.</summary>
    public string ToDiskstats() => string.Join(' ', Fields);

    /// <summary>The line of the file "stat".</summary>
    public string ToStat() => string.Join(' ', Fields.Select(static field => field.ToString(CultureInfo.InvariantCulture).PadLeft(8)));

    /// <summary>The line of the file "inflight".</summary>
    public string ToInFlight() => string.Create(CultureInfo.InvariantCulture, $"{_inFlight[0],8} {_inFlight[1],8}");

    private ulong[] Fields =>
    [
        _ios[Read], _merges[Read], _sectors[Read], 0,
        _ios[Write], _merges[Write], _sectors[Write], 0,
        (ulong)(_inFlight[0] + _inFlight[1]), 0, 0,
        _ios[Discard], _merges[Discard], _sectors[Discard], 0,
        _flushes, 0,
    ];
}
