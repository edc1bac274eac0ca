using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.Generators;

/// <summary>What the snapshot area reaches: on which devices origins and stores lie, and what becomes of snapshots.</summary>
internal sealed class SnapshotCoverageTests
{
    private const int Cases = 300;
    private const int Operations = 60;

    /// <summary>Seen in the texts of a step: log lines, statuses.</summary>
    private static readonly (string Point, string Text)[] Texts =
    [
        ("full, and invalid", "Invalidating snapshot: Unable to allocate exception."),
        ("full, which user space knows of", "Snapshot overflowed: Unable to allocate exception."),
        ("a store that cannot be written", "Invalidating snapshot: Error reading/writing."),
        ("a store of something else", "Invalid or corrupt snapshot"),
        ("another chunk size in the store", "in device metadata overrides table chunk size"),
        ("a handover given up", "Cancelling snapshot handover."),
        ("a handover that comes too early", "Unable to perform snapshot handover until source is suspended."),
        ("a full pool", "switching pool to out-of-data-space (error IO) mode"),
    ];

    private static readonly (string Point, Func<World, bool> IsReached)[] States =
    [
        ("an origin over linear", world => On(world, Origin, "linear")),
        ("an origin over stripes", world => On(world, Origin, "striped")),
        ("an origin on a volume", world => On(world, Origin, "thin")),
        ("a store over linear", world => On(world, Store, "linear")),
        ("a store over stripes", world => On(world, Store, "striped")),
        ("a store on a volume", world => On(world, Store, "thin")),
        ("origin and store on volumes", world => world.Devices.Any(device =>
            device.Live is [{ Type: "snapshot" } line] && IsOf(world, Origin(line), "thin") && IsOf(world, Store(line), "thin"))),
        ("a store on a volume over stripes", world => world.Devices.Any(device =>
            device.Live is [{ Type: "snapshot" } line] && IsOf(world, Store(line), "thin") && world.IsOn("striped", Find(world, Store(line))!.Number))),
        ("a volume over stripes", world => world.Devices.Any(device => device.Live is [{ Type: "thin" }] && world.IsOn("striped", device.Number))),
        ("a merge into a volume", world => world.Devices.Any(device => device.Live is [{ Type: "snapshot-merge" } line] && IsOf(world, Origin(line), "thin"))),
    ];

    [Test]
    public Task Every_point_is_reached() => new Coverage(Texts, [.. States.Select(s => (s.Point, (Func<StepRecord, bool>)(step => s.IsReached(step.Context.After))))]).AssertReachedAsync("snapshot", Cases, Operations);

    private static string Origin(TableLine line) => line.Parameters.Split(' ')[0];

    private static string Store(TableLine line) => line.Type == "snapshot-origin" ? "" : line.Parameters.Split(' ')[1];

    private static bool On(World world, Func<TableLine, string> part, string type) => world.Devices.Any(device =>
        device.Live is [{ Type: "snapshot" or "snapshot-origin" or "snapshot-merge" } line] && IsOf(world, part(line), type));

    private static bool IsOf(World world, string number, string type) => Find(world, number)?.Live is [var line] && line.Type == type;

    private static DeviceState? Find(World world, string number) => world.Devices.FirstOrDefault(device => device.Number.ToString() == number);
}
