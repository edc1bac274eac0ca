using System.Diagnostics;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Traces;

/// <summary>How a recorded case went on the model.</summary>
/// <param name="Divergence">Where the model differs from what the kernel answered then; null when it does not.</param>
/// <param name="Failure">The model threw; null when it did not.</param>
public sealed record CheckedCase(RecordedCase Recorded, CaseFigures Figures, Divergence? Divergence, ReferenceFailure? Failure)
{
    public bool Agrees => Divergence is null && Failure is null;
}

public sealed record CheckSummary(int Cases, long Steps, long AllowedOutcomes, IReadOnlyList<CheckedCase> Failed, TimeSpan Elapsed)
{
    public double CasesPerSecond => Elapsed > TimeSpan.Zero ? Cases / Elapsed.TotalSeconds : 0;
    public double MeanAllowedOutcomes => Steps > 0 ? (double)AllowedOutcomes / Steps : 1;
}

/// <summary>Checks recorded traces against a model: what "dmsim check" runs, and what mutation tests run on. No kernel is needed.</summary>
public sealed class TraceChecker(Func<IMachine> freshModel, string modelDescription, Comparer comparer)
{
    /// <summary>Checks every case, several at a time; the failures come in the order of the trace.</summary>
    public CheckSummary Check(Trace trace, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        var results = new CheckedCase[trace.Cases.Count];
        Parallel.For(0, results.Length, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount },
            i => results[i] = Check(trace, trace.Cases[i]));
        return new CheckSummary(results.Length, results.Sum(r => (long)r.Figures.Steps), results.Sum(r => r.Figures.AllowedOutcomes),
            [.. results.Where(r => !r.Agrees)], watch.Elapsed);
    }

    /// <summary>Checks one case, up to the first difference.</summary>
    public CheckedCase Check(Trace trace, RecordedCase recorded)
    {
        // The model has no I/O of its own to wait for: every call completes, or is pending by its own clock.
        var work = CheckAsync(trace, recorded);
        return work.IsCompletedSuccessfully ? work.Result : work.AsTask().GetAwaiter().GetResult();
    }

    private async ValueTask<CheckedCase> CheckAsync(Trace trace, RecordedCase recorded)
    {
        await using var machine = freshModel();
        var stepper = new CaseStepper(machine, trace.Look);
        var compared = new List<ComparedStep>(recorded.Outcomes.Count);
        var allowed = new List<AllowedUse>();
        long allowedOutcomes = 0;
        try
        {
            for (int i = 0; i < recorded.Outcomes.Count; i++)
            {
                var step = i == 0 ? await stepper.SetUpAsync(recorded.Sequence.Loops)
                    : i <= recorded.Sequence.Operations.Count ? await stepper.StepAsync(recorded.Sequence.Operations[i - 1])
                    : await stepper.FinishAsync();
                compared.Add(new ComparedStep(step.Context, step.Outcome, recorded.Outcomes[i]));
                var verdict = comparer.Compare(step.Context, step.Outcome, recorded.Outcomes[i]);
                allowedOutcomes += verdict.AllowedOutcomes;
                foreach (var use in verdict.Allowed)
                    allowed.Add(new AllowedUse(use.Rule.Name, i));
                if (!verdict.Conforms)
                    return new CheckedCase(recorded, Figures(), Diverge(trace, recorded, compared, verdict), null);
            }
        }
        // As in ReferenceRun: whatever the model throws is the finding.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            int step = stepper.Steps.Count;
            var operation = step >= 1 && step <= recorded.Sequence.Operations.Count ? recorded.Sequence.Operations[step - 1] : null;
            return new CheckedCase(recorded, Figures(), null, new ReferenceFailure(step, operation, e));
        }
        return new CheckedCase(recorded, Figures(), null, null);

        CaseFigures Figures() => new(compared.Count, allowedOutcomes, Operations.ValueList.From(allowed));
    }

    private Divergence Diverge(Trace trace, RecordedCase recorded, List<ComparedStep> compared, StepVerdict verdict)
    {
        int operations = Math.Min(compared.Count - 1, recorded.Sequence.Operations.Count);
        return new Divergence(recorded.Name, modelDescription, $"{trace.Kernel} (recorded)",
            recorded.Sequence.With(recorded.Sequence.Operations.Take(operations)), compared, verdict);
    }
}
