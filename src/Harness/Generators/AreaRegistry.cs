using DmSim.Harness.Generators.Areas;

namespace DmSim.Harness.Generators;

/// <summary>The areas that "--area" knows, one line each.</summary>
public static class AreaRegistry
{
    public static IReadOnlyList<Area> All { get; } =
    [
        new AllArea(),
        new ControlArea(),
        new TablesArea(),
        new TargetArea("linear", "the linear target"),
        new TargetArea("striped", "the striped target: rotation of chunks, splits, sizes that do not divide"),
        new TargetArea("zero", "the zero target"),
        new TargetArea("error", "the error target"),
        new TargetArea("delay", "the delay target: I/O held back, flushed out by suspends, overtaken by removals", timeTenths: 40),
        new TargetArea("flakey", "the flakey target: intervals, dropped, failed and spoilt I/O", timeTenths: 40),
        new IoArea(),
        new StackArea(),
        new RawArea(),
        new ThinArea(),
        new StatisticsArea(),
        new SnapshotArea(),
        new BlocksArea("blocks", "everything at once over loop devices with blocks of up to 4 KiB", new AllArea()),
        new BlocksArea("thin-blocks", "thin pools over loop devices with blocks of up to 4 KiB", new ThinArea()),
        new BlocksArea("snapshot-blocks", "snapshots over loop devices with blocks of up to 4 KiB", new SnapshotArea()),
    ];

    public static Area Default => All[0];

    public static Area? Find(string name) => All.FirstOrDefault(area => area.Name == name);
}
