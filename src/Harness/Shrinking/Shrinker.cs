using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Shrinking;

/// <summary>
/// Makes a failing case small. Executions are what counts, so the largest steps come first: cut at the failure (free), keep the
/// devices involved, take out halves, quarters and single operations, then unused loop devices, then simplify arguments. Against a library's
/// default (one operation at a time, then from the start again) that is a tenth of the executions on long sequences.
/// </summary>
/// <param name="execute">Runs a candidate on both machines, whichever they are.</param>
public sealed class Shrinker(CaseExecution execute, ShrinkOptions? options = null)
{
    /// <param name="runner">The machines to shrink on.</param>
    /// <param name="name">How candidates are named.</param>
    public static Shrinker On(CaseRunner runner, string name, ShrinkOptions? options = null) =>
        new((sequence, cancel) => runner.RunAsync(name, sequence, cancel), options);

    /// <summary>Shrinks until nothing helps, the budget is used up, or it is cancelled; in each case the best so far is answered.</summary>
    public async ValueTask<ShrinkResult> ShrinkAsync(
        CaseResult failing, IProgress<ShrinkProgress>? progress = null, CancellationToken cancel = default)
    {
        var trial = new ShrinkTrial(failing, execute, options ?? new ShrinkOptions(), progress, cancel);
        var end = ShrinkEnd.Cancelled;
        try
        {
            await ShrinkAsync(trial);
            end = trial.IsOutOfBudget ? ShrinkEnd.OutOfBudget : ShrinkEnd.Finished;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop: the best so far is the answer.
        }
        return new ShrinkResult(trial.Smallest, trial.Sequence, trial.Executions, trial.Skipped, end);
    }

    private static async ValueTask ShrinkAsync(ShrinkTrial trial)
    {
        await FilterDevicesAsync(trial);
        await RemoveOperationsAsync(trial);
        await RemoveLoopsAsync(trial);
        int length = trial.Sequence.Operations.Count;
        await SimplifyAsync(trial);
        // A table that has become simpler may rest on less than it did.
        await FilterDevicesAsync(trial);
        if (trial.Sequence.Operations.Count < length)
            await RemoveOperationsAsync(trial);
        await RemoveLoopsAsync(trial);
        // Last: what was taken out leaves gaps in the numbering.
        var names = new PlainNames();
        await SimplifyAsync(trial, names, names.Places(trial.Sequence));
    }

    private static async ValueTask FilterDevicesAsync(ShrinkTrial trial)
    {
        trial.Stage = ShrinkStage.Devices;
        int length = trial.Sequence.Operations.Count;
        foreach (var candidate in DeviceFilter.Candidates(trial.Smallest))
        {
            if (candidate.Operations.Count < length && await trial.TryAsync(candidate))
                return;
        }
    }

    /// <summary>
    /// Takes out runs of half the length, then of a quarter, down to single operations, until no single one can go. From the end: what
    /// depends on an operation goes before it does.
    /// </summary>
    private static async ValueTask RemoveOperationsAsync(ShrinkTrial trial)
    {
        trial.Stage = ShrinkStage.Operations;
        int size = Math.Max(1, trial.Removable / 2);
        while (trial.Removable > 0)
        {
            bool removed = false;
            for (int end = trial.Removable; end > 0; end = Math.Min(end - size, trial.Removable))
            {
                int start = Math.Max(0, end - size);
                removed |= await trial.TryAsync(Without(trial.Sequence, start, end - start));
            }
            if (size == 1 && !removed)
                return;
            size = Math.Min(Math.Max(1, size / 2), Math.Max(1, trial.Removable));
        }
    }

    private static OperationSequence Without(OperationSequence sequence, int start, int count) =>
        sequence.With(sequence.Operations.Take(start).Concat(sequence.Operations.Skip(start + count)));

    /// <summary>First all those that nothing names, then each by itself.</summary>
    private static async ValueTask RemoveLoopsAsync(ShrinkTrial trial)
    {
        trial.Stage = ShrinkStage.Loops;
        var named = LoopUse.Of(trial.Sequence);
        await trial.TryAsync(trial.Sequence with { Loops = ValueList.From(trial.Sequence.Loops.Where(loop => named.Contains(loop.Index))) });
        foreach (var loop in trial.Sequence.Loops.Reverse())
            await trial.TryAsync(trial.Sequence with { Loops = ValueList.From(trial.Sequence.Loops.Where(other => other != loop)) });
    }

    private static async ValueTask SimplifyAsync(ShrinkTrial trial)
    {
        trial.Stage = ShrinkStage.Arguments;
        foreach (var simplification in Simplification.All)
            await SimplifyAsync(trial, simplification, simplification.Places(trial.Sequence));
    }

    /// <summary>All places at once; where that fails, halves of them.</summary>
    private static async ValueTask SimplifyAsync(ShrinkTrial trial, Simplification simplification, IReadOnlyList<EditPlace> places)
    {
        if (places.Count == 0 || await trial.TryAsync(simplification.Apply(trial.Sequence, places)) || places.Count == 1)
            return;
        int half = places.Count / 2;
        await SimplifyAsync(trial, simplification, [.. places.Take(half)]);
        await SimplifyAsync(trial, simplification, [.. places.Skip(half)]);
    }
}
