using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Shrinking;

/// <summary>Tries candidates one after the other and keeps the last that still fails in the same way.</summary>
internal sealed class ShrinkTrial
{
    private readonly CaseExecution _execute;
    private readonly ShrinkOptions _options;
    private readonly IProgress<ShrinkProgress>? _progress;
    private readonly CancellationToken _cancel;
    private readonly FailureKey _key;
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    public ShrinkTrial(
        CaseResult failing, CaseExecution execute, ShrinkOptions options, IProgress<ShrinkProgress>? progress, CancellationToken cancel)
    {
        _key = FailureKey.Of(failing) ?? throw new ArgumentException("a case in which both machines agree has nothing to shrink", nameof(failing));
        (_execute, _options, _progress, _cancel) = (execute, options, progress, cancel);
        Keep(failing);
    }

    public CaseResult Smallest { get; private set; } = null!;
    public OperationSequence Sequence { get; private set; } = null!;
    public int Executions { get; private set; }
    public int Skipped { get; private set; }
    public ShrinkStage Stage { get; set; }

    /// <summary>Operations that may be taken out: all but the one that fails.</summary>
    public int Removable => FailureKey.FailingOperation(Smallest) is null ? Sequence.Operations.Count : Sequence.Operations.Count - 1;

    public bool IsOutOfBudget => Executions >= _options.MaxExecutions;

    /// <summary>Runs the candidate. True when it fails in the same way: it is then what is shrunk further.</summary>
    public async ValueTask<bool> TryAsync(OperationSequence candidate)
    {
        if (IsOutOfBudget)
            return false;
        if (!_tried.Add(candidate.ToString()))
        {
            Skipped++;
            return false;
        }
        _cancel.ThrowIfCancellationRequested();
        Executions++;
        var result = await _execute(candidate, _cancel);
        bool same = FailureKey.Of(result) == _key;
        if (same)
            Keep(result);
        _progress?.Report(new ShrinkProgress(Stage, Executions, Sequence.Operations.Count));
        return same;
    }

    private void Keep(CaseResult result)
    {
        Smallest = result;
        Sequence = FailureKey.Cut(result);
        _tried.Add(Sequence.ToString());
    }
}
