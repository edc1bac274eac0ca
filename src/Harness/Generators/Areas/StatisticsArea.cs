using DmSim.Harness.Generators.Rules;

namespace DmSim.Harness.Generators.Areas;

/// <summary>Statistics of devices: regions and their counters, next to all that may happen to the device.</summary>
internal sealed class StatisticsArea : Area
{
    public override string Name => "stats";
    public override string Summary => "@stats messages: regions, areas, counters, histograms, over I/O of every target";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(30, StatisticsRules.All), .. Share(8, LifeRules.All), .. Share(1, WrongLifeRules.All), .. Share(1, QueryRules.All),
        .. Share(10, TableRules.Sound), .. Share(1, TableRules.Wrong), .. Share(25, IoRules.All),
        .. Share(6, HandleRules.Handles), .. Share(1, HandleRules.Loops), .. Share(10, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 6), ("striped", 4), ("zero", 2), ("error", 1), ("delay", 3), ("flakey", 1)];
}
