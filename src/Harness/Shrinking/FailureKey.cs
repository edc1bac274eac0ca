using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Shrinking;

/// <summary>
/// What must stay the same while a case is shrunk, else shrinking slides over to another bug: the signature of a divergence, the kind and
/// words of a guest's failure, the type and place of a model's exception.
/// </summary>
public sealed record FailureKey(string Text)
{
    /// <summary>Null when both machines agreed.</summary>
    public static FailureKey? Of(CaseResult result) => result switch
    {
        Diverged diverged => new FailureKey("diverged " + diverged.Divergence.Signature),
        GuestFailed failed => new FailureKey($"guest {failed.Failure.Kind} {WithoutNumbers(failed.Failure.Summary)}"),
        ModelFailed failed => new FailureKey($"model {failed.Failure.Exception.GetType().Name} in {Place(failed.Failure.Exception)}"),
        BadMetadata => new FailureKey("bad metadata"),
        _ => null,
    };

    /// <summary>The operations up to the failure; what came after has no part in it.</summary>
    public static OperationSequence Cut(CaseResult result)
    {
        if (result is Diverged diverged)
            return diverged.Divergence.Sequence;
        int step = result switch
        {
            GuestFailed { Step: >= 0 } failed => failed.Step,
            ModelFailed failed => failed.Failure.Step,
            _ => int.MaxValue,
        };
        return result.Sequence.With(result.Sequence.Operations.Take(step));
    }

    /// <summary>The step that failed; null when it is not known, or when it is none of the operations.</summary>
    internal static int? FailingOperation(CaseResult result)
    {
        int step = result switch
        {
            Diverged diverged => diverged.Divergence.Last.Context.Step,
            GuestFailed failed => failed.Step,
            ModelFailed failed => failed.Failure.Step,
            _ => -1,
        };
        return step >= 1 && step <= result.Sequence.Operations.Count ? step - 1 : null;
    }

    /// <summary>What differs; nothing where a machine just failed.</summary>
    internal static IEnumerable<Subject> Subjects(CaseResult result) =>
        result is Diverged diverged ? diverged.Divergence.Verdict.Differences.Select(difference => difference.Subject) : [];

    // Addresses, process numbers and minors in an oops or a warning move with every operation that is taken out.
    private static string WithoutNumbers(string text) => string.Concat(text.Where(c => !char.IsAsciiHexDigit(c)));

    private static string Place(Exception exception) => exception.TargetSite is { } site ? $"{site.DeclaringType?.Name}.{site.Name}" : "?";
}
