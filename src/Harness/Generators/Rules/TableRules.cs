using DmSim.Harness.Generators.Tables;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Loading tables, sound and wrong.</summary>
internal static class TableRules
{
    public static IReadOnlyList<Rule> Sound { get; } =
    [
        new("load", LoadWeight, scene => Owner(scene) is { } d ? Load(scene, d, TableDrafts.Sound(scene, d)) : null) { IsBasic = true },
        new("load-again", scene => scene.Has(d => d.HasLive) ? 4 : 0, LoadAgain),
    ];

    public static IReadOnlyList<Rule> Wrong { get; } = [.. WrongTables.All.Select(fault => new Rule(
        "load-" + fault.Name,
        scene => scene.Devices.Count > 0 ? fault.Weight : 0,
        scene => Owner(scene) is { } d && WrongTables.Draw(scene, d, fault) is { } lines ? Load(scene, d, lines) : null) { IsWrong = true })];

    private static int LoadWeight(Scene scene) => scene.Devices.Count == 0 ? 0 : scene.Has(IsBare) ? 60 : 9;

    private static bool IsBare(DeviceState device) => !device.HasLive && !device.HasInactive;

    private static DeviceState? Owner(Scene scene) => scene.Preferably(IsBare, 75);

    private static Operation.LoadTable Load(Scene scene, DeviceState device, List<DmSim.Abi.TableLine> lines) =>
        new(scene.Ref(device), ValueList.From(lines), scene.Choices.Percent(6));

    /// <summary>The live table once more, as it stands or with one line of another kind in place of one.</summary>
    private static Operation.LoadTable? LoadAgain(Scene scene)
    {
        if (scene.Any(d => d.Live.Count > 0) is not { } device)
            return null;
        var lines = device.Live.ToList();
        if (scene.Choices.Percent(50))
        {
            int at = scene.Choices.Below(lines.Count);
            var line = TableDrafts.Line(scene, device, lines[at].Start);
            if (line.Length == lines[at].Length || lines.Count == 1)
                lines[at] = line;
        }
        return Load(scene, device, lines);
    }
}
