using System.Text;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
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
    public async Task Every_point_is_reached()
    {
        var counts = Texts.Select(t => t.Point).Concat(States.Select(s => s.Point)).ToDictionary(point => point, _ => 0);
        var cases = new GeneratedCases(AreaRegistry.Find("snapshot")!, 1, Cases, Operations);
        for (int i = 0; i < Cases; i++)
        {
            await using var machine = new ModelMachine(KernelProfile.Linux61);
            var run = await ReferenceRun.RunAsync(machine, cases.Open(i), LookPolicy.WhenTouched);
            Assert.That(run.Failure, Is.Null);
            foreach (string point in Reached(run))
                counts[point]++;
        }
        var text = new StringBuilder();
        foreach (var (point, count) in counts)
            text.AppendLine($"{count,4} of {Cases} cases: {point}");
        await TestContext.Out.WriteLineAsync(text);
        Assert.That(counts.Where(pair => pair.Value == 0).Select(pair => pair.Key), Is.Empty);
    }

    private static HashSet<string> Reached(ReferenceRun run)
    {
        var reached = new HashSet<string>();
        foreach (var step in run.Steps)
        {
            foreach (var (point, text) in Texts)
            {
                if (step.Outcome.Values.Any(value => value.Value.Contains(text, StringComparison.Ordinal)))
                    reached.Add(point);
            }
            foreach (var (point, isReached) in States)
            {
                if (isReached(step.Context.After))
                    reached.Add(point);
            }
        }
        return reached;
    }

    private static string Origin(TableLine line) => line.Parameters.Split(' ')[0];

    private static string Store(TableLine line) => line.Type == "snapshot-origin" ? "" : line.Parameters.Split(' ')[1];

    private static bool On(World world, Func<TableLine, string> part, string type) => world.Devices.Any(device =>
        device.Live is [{ Type: "snapshot" or "snapshot-origin" or "snapshot-merge" } line] && IsOf(world, part(line), type));

    private static bool IsOf(World world, string number, string type) => Find(world, number)?.Live is [var line] && line.Type == type;

    private static DeviceState? Find(World world, string number) => world.Devices.FirstOrDefault(device => device.Number.ToString() == number);
}
