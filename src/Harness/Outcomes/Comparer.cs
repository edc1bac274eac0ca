using DmSim.Harness.AllowedOutcomes;

namespace DmSim.Harness.Outcomes;

/// <summary>Judges the outcome of a step on the kernel by that on the model: equal, unless a rule names the difference.</summary>
public sealed class Comparer(IReadOnlyList<AllowedOutcomeRule> rules)
{
    public IReadOnlyList<AllowedOutcomeRule> Rules { get; } = rules;

    public StepVerdict Compare(StepContext context, StepOutcome model, StepOutcome kernel)
    {
        int allowedOutcomes = 1;
        List<(AllowedOutcomeRule Rule, Alternative Alternative)>? alternatives = null;
        foreach (var rule in Rules)
        {
            foreach (var alternative in rule.Alternatives(context, model))
            {
                (alternatives ??= []).Add((rule, alternative));
                allowedOutcomes++;
            }
        }
        var differences = Differences(model, kernel);
        if (differences.Count == 0)
            return new StepVerdict([], [], allowedOutcomes);
        var allowed = new List<AllowedDifference>();
        var refused = new List<Difference>();
        foreach (var difference in differences)
        {
            var excuse = alternatives?.Find(a => a.Alternative.Subject == difference.Subject
                && a.Alternative.Field == difference.Field && a.Alternative.Matches(difference.Kernel)).Rule;
            if (excuse is null)
                refused.Add(difference);
            else
                allowed.Add(new AllowedDifference(excuse, difference));
        }
        return new StepVerdict(refused, allowed, allowedOutcomes);
    }

    /// <summary>All values that differ, the weightiest first.</summary>
    public static IReadOnlyList<Difference> Differences(StepOutcome model, StepOutcome kernel)
    {
        if (model.Equals(kernel))
            return [];
        var theirs = new Dictionary<(Subject, Field), string>();
        foreach (var value in kernel.Values)
            theirs[(value.Subject, value.Field)] = value.Value;
        var differences = new List<Difference>();
        foreach (var ours in model.Values)
        {
            theirs.Remove((ours.Subject, ours.Field), out string? value);
            if (!string.Equals(ours.Value, value, StringComparison.Ordinal))
                differences.Add(new Difference(ours.Subject, ours.Field, ours.Value, value));
        }
        foreach (var left in kernel.Values)
        {
            if (theirs.ContainsKey((left.Subject, left.Field)))
                differences.Add(new Difference(left.Subject, left.Field, null, left.Value));
        }
        return [.. differences.OrderBy(d => d.Subject.Kind).ThenBy(d => d.Field).ThenBy(d => d.Subject.Name, StringComparer.Ordinal)];
    }
}

/// <param name="Differences">What no rule allows, the weightiest first; empty when the step conforms.</param>
/// <param name="Allowed">Differences that a rule allows.</param>
/// <param name="AllowedOutcomes">How many outcomes would have conformed: 1 for exact.</param>
public sealed record StepVerdict(
    IReadOnlyList<Difference> Differences, IReadOnlyList<AllowedDifference> Allowed, int AllowedOutcomes)
{
    public bool Conforms => Differences.Count == 0;
}

public sealed record AllowedDifference(AllowedOutcomeRule Rule, Difference Difference);
