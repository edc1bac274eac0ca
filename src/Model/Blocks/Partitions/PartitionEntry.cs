namespace DmSim.Model.Blocks.Partitions;

/// <summary>One entry of a table of partitions. Start and length in sectors of 512 bytes.</summary>
/// <param name="Number">bd_partno: 1 is the first.</param>
/// <param name="Start">First sector, from the start of the disk.</param>
/// <param name="Length">Sectors.</param>
/// <param name="Label">PARTNAME in its uevent; empty where the table has no names.</param>
internal readonly record struct PartitionEntry(int Number, ulong Start, ulong Length, string Label = "");
