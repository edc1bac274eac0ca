using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Traces;

namespace DmSim.Harness.Running;

/// <summary>The two sides of a comparison, and how it is done.</summary>
/// <param name="FreshModel">Makes a fresh reference machine.</param>
public sealed record Contest(
    Func<IMachine> FreshModel, string ModelDescription, Comparer Comparer, LookPolicy Policy = LookPolicy.Always)
{
    /// <summary>Looks at the metadata that pools leave; null where that is not asked for, or cannot be done.</summary>
    public IMetadataTools? MetadataTools { get; init; }
}

/// <summary>
/// Runs one case after the other on the model and on one kernel, and compares them. What a shrinker calls. Where kernels may tidy up
/// instead of going back to their saved state, whatever is not agreement is run again from there: only that counts.
/// </summary>
public sealed class CaseRunner(Contest contest, IBatchMachine kernel, ResetKind reset = ResetKind.Saved)
{
    /// <summary>A guest that is gone without a word says nothing of the case. One that always goes does.</summary>
    private const int MaxLosses = 3;

    public ValueTask<CaseResult> RunAsync(string name, OperationSequence sequence, CancellationToken cancel = default) =>
        RunAsync(name, new FixedSource(sequence), cancel);

    /// <summary>Runs a case. The kernel is reset first, while the model runs.</summary>
    public async ValueTask<CaseResult> RunAsync(string name, IOperationSource source, CancellationToken cancel = default) =>
        await RunAsync(name, source, reset, cancel);

    private async ValueTask<CaseResult> RunAsync(string name, IOperationSource source, ResetKind kind, CancellationToken cancel)
    {
        var result = (await ExecuteAsync(name, source, kind, cancel)).Result;
        for (int losses = 1; losses <= MaxLosses && result is GuestFailed { Failure.Kind: GuestFailureKind.Lost }; losses++)
            result = (await ExecuteAsync(name, new FixedSource(result.Sequence), ResetKind.Saved, cancel)).Result with { Losses = losses };
        if (!result.OnTidiedKernel || result is Agreed or ModelFailed)
            return result;
        var again = await RunAsync(name, new FixedSource(result.Sequence), ResetKind.Saved, cancel);
        return again with { BeforeOnTidied = result };
    }

    /// <summary>
    /// Runs a case and keeps what the kernel answered, whether or not the model agrees. Nothing is kept when the guest fails or the
    /// model throws: such a case has no outcome to hold a model to.
    /// </summary>
    public async ValueTask<(CaseResult Result, RecordedCase? Recorded)> RecordAsync(
        string name, IOperationSource source, CancellationToken cancel = default)
    {
        var (result, batch) = await ExecuteAsync(name, source, ResetKind.Saved, cancel);
        for (int losses = 1; losses <= MaxLosses && result is GuestFailed { Failure.Kind: GuestFailureKind.Lost }; losses++)
            (result, batch) = await ExecuteAsync(name, new FixedSource(result.Sequence), ResetKind.Saved, cancel);
        if (result is not (Agreed or Diverged) || batch is null or { Failure: not null })
            return (result, null);
        return (result, new RecordedCase(name, result.Sequence, [.. result.Reference.Decode(batch.Replies)]));
    }

    private async ValueTask<(CaseResult Result, BatchReply? Batch)> ExecuteAsync(
        string name, IOperationSource source, ResetKind kind, CancellationToken cancel)
    {
        var resetting = kernel.ResetAsync(kind, cancel).AsTask();
        ReferenceRun run;
        GuestFailure? failure;
        try
        {
            await using var machine = contest.FreshModel();
            run = await ReferenceRun.RunAsync(machine, source, contest.Policy);
        }
        finally
        {
            // Never leave a reset running behind an exception: the next case would meet it half-way.
            failure = await resetting;
        }
        if (run.Failure is not null)
            return (new ModelFailed(run, CaseFigures.None, run.Failure), null);
        if (failure is not null)
            return (new GuestFailed(run, CaseFigures.None, failure, -1), null);
        bool tidied = kernel.IsTidied;
        var batch = await kernel.RunBatchAsync(run.Schedule, cancel);
        return (Judge(name, run, batch) with { OnTidiedKernel = tidied }, batch);
    }

    private CaseResult Judge(string name, ReferenceRun run, BatchReply batch)
    {
        var compared = new List<ComparedStep>();
        var allowed = new List<AllowedUse>();
        long allowedOutcomes = 0;
        var metadata = batch.Failure is null && contest.MetadataTools is { } tools
            ? MetadataExam.Of(run.MetadataWith(batch.Replies), tools) : default;
        foreach (var kernels in run.Decode(batch.Replies))
        {
            var step = run.Steps[compared.Count];
            compared.Add(new ComparedStep(step.Context, step.Outcome, kernels));
            var verdict = contest.Comparer.Compare(step.Context, step.Outcome, kernels);
            allowedOutcomes += verdict.AllowedOutcomes;
            allowed.AddRange(verdict.Allowed.Select(a => new AllowedUse(a.Rule.Name, step.Context.Step)));
            if (verdict.Conforms)
                continue;
            int operations = Math.Min(step.Context.Step, run.Sequence.Operations.Count);
            return new Diverged(run, Figures(), new Divergence(name, contest.ModelDescription, kernel.Description,
                run.Sequence.With(run.Sequence.Operations.Take(operations)), compared, verdict,
                run.DifferingByte(step, batch.Replies) ?? metadata.Complaint));
        }
        if (batch.Failure is { } failure)
            return new GuestFailed(run, Figures(), failure, run.StepOfCall(failure.CallIndex));
        if (compared.Count < run.Steps.Count)
            throw new InvalidOperationException($"{kernel.Description} answered {batch.Replies.Count} of {run.Schedule.Count} calls");
        return metadata.Complaint is { } complaint ? new BadMetadata(run, Figures(), complaint) : new Agreed(run, Figures());

        CaseFigures Figures() => new(compared.Count, allowedOutcomes, ValueList.From(allowed)) { Metadata = metadata.Figures };
    }

    /// <summary>Runs the sequence of a divergence again; how many of <paramref name="times"/> runs end with the same signature.</summary>
    public async ValueTask<int> ReplayAsync(Divergence divergence, int times, CancellationToken cancel = default)
    {
        int same = 0;
        for (int i = 0; i < times; i++)
        {
            var again = await RunAsync(divergence.Case, divergence.Sequence, cancel);
            if (again is Diverged diverged && diverged.Divergence.Signature == divergence.Signature)
                same++;
        }
        return same;
    }
}
