using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Time passes: whole slots, so that what runs by the clock stays clear of the instants at which calls are made.</summary>
internal static class TimeRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("advance", scene => scene.World.Pending.Count > 0 ? 4 : 1, scene =>
            new Operation.Advance(SlotSchedule.Slot * scene.Choices.Pick(1, 1, 2, 4, 7, 8, 8, 9, 16, 24, 80))),
    ];
}
