using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;

namespace DmSim.Harness.Matrix;

/// <summary>Makes the sequence of a finding small, on the one or two kernels that it is about, always from their saved states.</summary>
/// <param name="runner">All columns.</param>
/// <param name="judge">Of all columns.</param>
/// <param name="known">Signatures that have been made small before: they are left as they are.</param>
public sealed class FindingShrinker(MatrixRunner runner, MatrixJudge judge, Comparer comparer, IReadOnlySet<string> known)
{
    private static readonly ShrinkOptions Options = new(MaxExecutions: 80);

    // Of two columns the first is the older one, whichever column all are held against.
    private readonly MatrixJudge _pairJudge = new(comparer, new MatrixPairs());

    /// <summary>Whether there is anybody to show it to: what both models say of two releases needs no example.</summary>
    public bool Wants(MatrixFinding finding) => !finding.Modelled && !known.Contains(finding.Signature);

    /// <summary>The same finding by a smaller sequence, with what all columns show of it; null when there is none.</summary>
    public async Task<MatrixFinding?> ShrinkAsync(MatrixFinding finding, CancellationToken cancel)
    {
        var concerned = runner.With(finding.Older, finding.Newer);
        var failing = await ExecuteAsync(finding.Sequence, cancel);
        if (failing is Agreed)
            return null;
        var shrunk = await new Shrinker(ExecuteAsync, Options).ShrinkAsync(failing, cancel: cancel);
        return Same(judge, await runner.RunAsync(finding.Case, new FixedSource(shrunk.Sequence), ResetKind.Saved, cancel));

        MatrixFinding? Same(MatrixJudge by, MatrixCase shown) => by.Judge(shown).FirstOrDefault(other => other.Signature == finding.Signature);

        async ValueTask<CaseResult> ExecuteAsync(OperationSequence sequence, CancellationToken token)
        {
            var shown = await concerned.RunAsync(finding.Case, new FixedSource(sequence), ResetKind.Saved, token);
            return Same(_pairJudge, shown) is { } same ? Result(shown, same) : new Agreed(shown.Reference, CaseFigures.None);
        }
    }

    /// <summary>As the shrinker knows results: it goes by the failing step and by what differs there.</summary>
    private static CaseResult Result(MatrixCase shown, MatrixFinding finding)
    {
        if (finding.Difference is not { } difference)
        {
            var failed = finding.Kind == FindingKind.ModelThrew ? shown.Columns[0].Model!
                : shown.Columns.Select(column => column.Kernel).First(kernel => kernel.Failure is not null);
            return new GuestFailed(shown.Reference, CaseFigures.None, failed.Failure!, failed.FailedStep);
        }
        var (older, newer) = finding.Kind == FindingKind.ModelWrong ? (shown.Columns[0].Model!, shown.Columns[0].Kernel)
            : (shown.Columns[0].Kernel, shown.Columns[1].Kernel);
        var steps = shown.Contexts.Take(finding.Step + 1).Select((context, i) => new ComparedStep(context, older.Steps[i], newer.Steps[i])).ToArray();
        return new Diverged(shown.Reference, CaseFigures.None,
            new Divergence(finding.Case, finding.Older, finding.Newer, finding.Sequence, steps, new StepVerdict([difference], [], 1)));
    }
}
