using System.Globalization;
using DmSim.Model.Blocks;
using DmSim.Model.Blocks.Partitions;

namespace DmSim.Model.Sysfs;

/// <summary>The attribute files of partitions (block/partitions/core.c, part_attrs, 6.1).</summary>
internal static class PartitionAttributes
{
    public static IEnumerable<BlockAttribute> All =>
    [
        One("alignment_offset", p => p.Limits.Misaligned ? "-1" : Text(p.AlignmentOffset)),
        One("dev", p => p.Number.ToString()),
        One("discard_alignment", _ => "0"),
        One("inflight", p => p.Counters.ToInFlight()),
        One("partition", p => Text((ulong)p.PartitionNumber)),
        One("ro", p => p.ReadOnly ? "1" : "0"),
        One("size", p => p.Capacity.ToString()),
        One("start", p => Text(p.StartSector)),
        One("stat", p => p.Counters.ToStat()),
        One("uevent", Uevent) with { Store = BlockAttributes.SynthesizeUevent },
        .. BlockAttributes.PowerAndTrace,
    ];

    /// <summary>block_uevent and part_uevent.</summary>
    private static string Uevent(Partition partition) =>
        $"MAJOR={partition.Number.Major}\nMINOR={partition.Number.Minor}\nDEVNAME={partition.Name}\nDEVTYPE=partition\n"
        + $"DISKSEQ={partition.Whole.DiskSequence}\nPARTN={partition.PartitionNumber}"
        + (partition.Label.Length > 0 ? $"\nPARTNAME={partition.Label}" : "");

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static BlockAttribute One(string path, Func<Partition, string?> show) =>
        new(path, static _ => true, (BlockDevice device) => show((Partition)device));
}
