using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>What every fuzzed program stands on: loop devices by number, and minors of mapped devices that it makes.</summary>
public static class Ground
{
    public const ulong DataSectors = 8192;
    private const ulong MetadataSectors = 4096;
    private const ulong SmallSectors = 1000;

    /// <summary>0 and 1 hold data, 2 and 3 metadata, 4 is small and ends in no whole page, 5 cannot be written.</summary>
    public static ValueList<LoopSetup> Loops { get; } =
    [
        Loop(0, DataSectors), Loop(1, DataSectors), Loop(2, MetadataSectors), Loop(3, MetadataSectors), Loop(4, SmallSectors), Loop(5, DataSectors, readOnly: true),
    ];

    /// <summary>The device that is fuzzed.</summary>
    public const int Subject = 0;

    /// <summary>A live pool, for those that need one. Its metadata are on loop 3, its data on loop 1.</summary>
    public const int Pool = 1;

    /// <summary>A device that was created and has no table, and one that does not exist.</summary>
    public const int Empty = 2, Missing = 9;

    public static string NameOf(int minor) => Naming.Name(minor);

    public static TableLine PoolLine { get; } = new(Sectors.Zero, new Sectors(DataSectors), "thin-pool", "7:3 7:1 128 0");

    /// <summary>Devices that fit a use: the first when all is to be right.</summary>
    public static IReadOnlyList<string> Fitting(DeviceUse use) => use switch
    {
        DeviceUse.Metadata => ["7:2", "/dev/loop2"],
        DeviceUse.Pool => [DeviceNumber.Dm(Pool).ToString()],
        _ => ["7:0", "7:0", "/dev/loop0", "7:4"],
    };

    /// <summary>Those of the loop devices that some tables name: to attach one costs as much as ten tables.</summary>
    public static ValueList<LoopSetup> LoopsFor(IEnumerable<TableLine> lines)
    {
        string words = string.Join(' ', lines.Select(line => line.Parameters));
        return ValueList.From(Loops.Where(loop => words.Contains($"7:{loop.Index}", StringComparison.Ordinal) || words.Contains($"loop{loop.Index}", StringComparison.Ordinal)));
    }

    private static LoopSetup Loop(int index, ulong sectors, bool readOnly = false) => new(index, new Sectors(sectors).ToBytes(), readOnly);
}
