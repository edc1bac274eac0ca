using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

/// <summary>Which regions of statistics there are, learnt from the answers to messages: nothing else that is looked at tells.</summary>
internal static class RegionTracker
{
    private const string Create = "@stats_create", Delete = "@stats_delete", Precise = "precise_timestamps";

    /// <param name="after">The world that the step has left, but for its regions.</param>
    /// <param name="operations">Of the case so far, by step.</param>
    public static ValueList<RegionState> After(
        World before, World after, Operation? operation, StepOutcome outcome, IReadOnlyList<Operation?> operations)
    {
        var regions = before.Regions.Where(region => after.Find(region.Device) is not null).ToList();
        if (operation is Operation.Message message && outcome.OfOperation(Field.Errno) is null
            && before.Resolve(message.Device) is { } device)
            Follow(regions, device, message.Text, outcome.OfOperation(Field.Message));
        foreach (var value in outcome.Values)
        {
            if (value.Subject.Kind != SubjectKind.Completion || value.Field != Field.Message)
                continue;
            int step = int.Parse(value.Subject.Name, System.Globalization.CultureInfo.InvariantCulture);
            if (operations[step] is Operation.Message late && before.Pending.FirstOrDefault(p => p.Step == step)?.Device is { } its)
                Follow(regions, its, late.Text, value.Value);
        }
        return ValueList.From(regions);
    }

    private static void Follow(List<RegionState> regions, Abi.DeviceNumber device, string text, string? answer)
    {
        string[] words = Words(text);
        if (words is [var create, ..] && Is(create, Create) && answer is not null)
            regions.Add(new RegionState(device, answer, words.Any(word => Is(word, Precise))));
        else if (words is [var delete, var id] && Is(delete, Delete))
            regions.RemoveAll(region => region.Device == device && region.Id == id);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool Is(string word, string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);
}
