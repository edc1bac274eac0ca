using DmSim.Harness.Generators.Rules;

namespace DmSim.Harness.Generators.Areas;

/// <summary>One target type: its tables, its data, and what time does to it.</summary>
/// <param name="type">The type, and the area's name.</param>
/// <param name="timeTenths">How much time passes on purpose.</param>
internal sealed class TargetArea(string type, string summary, int timeTenths = 5) : Area
{
    public override string Name => type;
    public override string Summary => summary;

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, LifeRules.All), .. Share(1, WrongLifeRules.All), .. Share(4, QueryRules.All),
        .. Share(12, TableRules.Sound), .. Share(10, TableRules.Wrong), .. Share(25, IoRules.All),
        .. Share(6, HandleRules.Handles), .. Share(2, HandleRules.Loops), .. Share(timeTenths, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [(type, 12), .. new[] { "linear", "zero", "error" }.Where(other => other != type).Select(other => (other, 2))];
}
