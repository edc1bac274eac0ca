using DmSim.Model.Blocks;
using DmSim.Model.Blocks.Partitions;

namespace DmSim.Model.Sysfs;

/// <summary>The attribute files of partitions (block/partitions/core.c, part_attrs, 6.1).</summary>
internal static class PartitionAttributes
{
    public static IEnumerable<BlockAttribute> All =>
    [
        One("discard_alignment", _ => "0"),
        One("partition", p => $"{p.PartitionNumber}"),
        One("start", p => $"{p.StartSector}"),
        BlockAttributes.Uevent("partition", Variables),
        .. BlockAttributes.OfEvery,
    ];

    /// <summary>part_uevent.</summary>
    private static string Variables(BlockDevice device)
    {
        var partition = (Partition)device;
        return $"\nPARTN={partition.PartitionNumber}" + (partition.Label.Length > 0 ? $"\nPARTNAME={partition.Label}" : "");
    }

    private static BlockAttribute One(string path, Func<Partition, string?> show) =>
        new(path, static _ => true, device => show((Partition)device));
}
