using System.Text.RegularExpressions;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>
/// A legal difference between model and kernel, written down once. A rule says for which steps it holds and which further values
/// it lets the kernel show there; whatever it does not name stays exact. One file per rule, one line in
/// <see cref="AllowedOutcomeRules"/>.
/// </summary>
public abstract class AllowedOutcomeRule
{
    /// <summary>Short name for reports, in words joined by hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>Why both outcomes are right.</summary>
    public abstract string Reason { get; }

    /// <summary>Kernel file, function and release that leave it open.</summary>
    public abstract string Source { get; }

    /// <summary>
    /// The outcomes it admits besides the model's, for this step. Asked at every step, whether or not anything differs: their number
    /// is what the report calls allowed outcomes.
    /// </summary>
    public abstract IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model);
}

/// <summary>Another value that a field may have.</summary>
/// <param name="Matches">Given the kernel's value (null when it shows none), whether it is this alternative.</param>
public sealed record Alternative(Subject Subject, Field Field, Func<string?, bool> Matches)
{
    /// <summary>Exactly one other value.</summary>
    public static Alternative Exactly(Subject subject, Field field, string? value) =>
        new(subject, field, kernel => string.Equals(kernel, value, StringComparison.Ordinal));

    /// <summary>For each log of a step in which the model says something that a kernel may say in other words.</summary>
    /// <param name="varying">What may vary: a log without it has no alternative.</param>
    /// <param name="alike">Whether the model's log and the kernel's are the same but for that.</param>
    public static IEnumerable<Alternative> OfLogs(StepOutcome model, Regex varying, Func<string, string, bool> alike)
    {
        foreach (var field in (Field[])[Field.Log, Field.LogOfLooking])
        {
            if (model.Find(Subject.Machine, field) is { } log && varying.IsMatch(log))
                yield return new Alternative(Subject.Machine, field, kernel => kernel is not null && alike(log, kernel));
        }
    }
}
