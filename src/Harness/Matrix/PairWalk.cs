using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Matrix;

/// <summary>
/// Goes through a case on two machines side by side and names what differs in each step and did not before. After a difference that may
/// have put them into different states nothing more is said of the case: all that follows may be its consequence.
/// </summary>
internal sealed class PairWalk(Comparer comparer)
{
    /// <summary>
    /// Fields that say something without being part of the state on which later steps rest. Of a table and its limits this holds as long
    /// as they differ in the same way; contents, counts and errnos never stand alone.
    /// </summary>
    private static readonly HashSet<Field> Passing =
    [
        Field.Version, Field.Targets, Field.Limits, Field.Log, Field.LogOfLooking, Field.Uevents, Field.Table, Field.Inactive, Field.DataSize,
        Field.Bytes, Field.Metadata,
    ];

    /// <param name="Step">Index of the step.</param>
    /// <param name="New">What differs and did not in the step before, the weightiest first.</param>
    public sealed record Parting(int Step, IReadOnlyList<Difference> New);

    public IEnumerable<Parting> Walk(IReadOnlyList<StepContext> contexts, IReadOnlyList<StepOutcome> older, IReadOnlyList<StepOutcome> newer)
    {
        IReadOnlyList<Difference> before = [];
        for (int i = 0; i < older.Count && i < newer.Count; i++)
        {
            var differences = Differences(contexts[i], older[i], newer[i]);
            // Bytes are a digest of all of the reply; what it is that differs, other fields of the operation say.
            bool explained = differences.Any(d => d.Subject == Subject.Operation && d.Field != Field.Bytes);
            var fresh = differences.Where(d => !before.Contains(d) && !(explained && d.Field == Field.Bytes)).ToList();
            if (fresh.Count > 0)
                yield return new Parting(i, fresh);
            if (fresh.Any(d => !Passing.Contains(d.Field)))
                yield break;
            before = differences;
        }
    }

    /// <summary>Differences that no rule allows, whichever side it takes for the model.</summary>
    private IReadOnlyList<Difference> Differences(StepContext context, StepOutcome older, StepOutcome newer)
    {
        var differences = comparer.Compare(context, older, newer).Differences;
        if (differences.Count == 0)
            return differences;
        var other = comparer.Compare(context, newer, older).Allowed.Select(a => (a.Difference.Subject, a.Difference.Field)).ToHashSet();
        return [.. differences.Where(d => !other.Contains((d.Subject, d.Field)))];
    }
}
