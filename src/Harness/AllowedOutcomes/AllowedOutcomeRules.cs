namespace DmSim.Harness.AllowedOutcomes;

/// <summary>Every rule in force, one line each. Empty is the aim: each line is something that the comparison does not see.</summary>
public static class AllowedOutcomeRules
{
    public static IReadOnlyList<AllowedOutcomeRule> All { get; } =
    [
        new WorkersHaveNumbers(),
        new WaiterMeetsRemoval(),
        new UeventsOfTwoTasks(),
        new LeftByTwoTasks(),
        new WaiterBetweenEvents(),
        new StatisticsDurations(),
        new StacksOfWarnings(),
        new SegmentsByMemory(),
    ];
}
