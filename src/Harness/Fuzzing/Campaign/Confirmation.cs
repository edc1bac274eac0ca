using DmSim.Abi;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>A problem that showed again, alone and from a fresh state, in the smallest program that was found for it.</summary>
/// <param name="Case">For differences, what the comparer says; its rules of what is allowed have then been asked.</param>
public sealed record FuzzFindingReport(FuzzProblem Problem, FuzzProgram Program, CaseResult? Case)
{
    /// <summary>The problem did not show again when its program ran alone.</summary>
    public bool IsFleeting { get; init; }
}

/// <summary>
/// Runs what a campaign has noticed once more, from the machine's saved state, and makes it small. A difference counts only when the lock-step
/// comparison sees it too: a campaign's machine has been used, and its programs keep no schedule.
/// </summary>
public sealed class Confirmation(Contest contest, IBatchMachine kernel)
{
    /// <summary>Each costs seconds: in a machine that comes from its saved state all code has to be translated anew.</summary>
    private const int MaxExecutions = 20;

    /// <summary>Null when a difference is none, or one that is allowed.</summary>
    public async ValueTask<FuzzFindingReport?> ConfirmAsync(FuzzProblem problem, FuzzProgram program, CancellationToken cancel) =>
        problem.Kind is ProblemKind.Difference or ProblemKind.Model ? await CompareAsync(problem, program, cancel) : await ReduceAsync(problem, program, cancel);

    private async ValueTask<FuzzFindingReport?> CompareAsync(FuzzProblem problem, FuzzProgram program, CancellationToken cancel)
    {
        var runner = new CaseRunner(contest, kernel);
        foreach (var candidate in Candidates(problem, program).Append(program))
        {
            var result = await runner.RunAsync("fuzzed", candidate.Sequence, cancel);
            if (FailureKey.Of(result) is null)
                continue;
            var shrunk = await Shrinker.On(runner, "fuzzed", new ShrinkOptions { MaxExecutions = MaxExecutions }).ShrinkAsync(result, cancel: cancel);
            return new FuzzFindingReport(problem, program with { Sequence = shrunk.Sequence }, shrunk.Smallest);
        }
        return null;
    }

    private async ValueTask<FuzzFindingReport> ReduceAsync(FuzzProblem problem, FuzzProgram program, CancellationToken cancel)
    {
        int executions = 0;
        FuzzProgram? smallest = null;
        foreach (var candidate in Candidates(problem, program).Append(program))
        {
            if (!await HoldsAsync(problem, candidate, cancel))
                continue;
            smallest = candidate;
            break;
        }
        if (smallest is null)
            return new FuzzFindingReport(problem, program, null) { IsFleeting = true };
        for (int size = Math.Max(1, smallest.Sequence.Operations.Count / 2); size > 0; size /= 2)
        {
            for (int end = smallest.Sequence.Operations.Count; end > 0 && executions < MaxExecutions; end -= size)
            {
                int start = Math.Max(0, end - size);
                var shorter = With(smallest, [.. smallest.Sequence.Operations.Where((_, i) => i < start || i >= end)]);
                executions++;
                if (await HoldsAsync(problem, shorter, cancel))
                    smallest = shorter;
            }
        }
        return new FuzzFindingReport(problem, smallest, null);
    }

    private async ValueTask<bool> HoldsAsync(FuzzProblem problem, FuzzProgram program, CancellationToken cancel)
    {
        return await FindingReplay.RunAsync(kernel, program, cancel) is { } again && again.Kind == problem.Kind && again.Signature == problem.Signature;
    }

    /// <summary>Guesses at what is enough: the device, and the operation that showed it; or all up to there.</summary>
    private static IEnumerable<FuzzProgram> Candidates(FuzzProblem problem, FuzzProgram program)
    {
        var operations = program.Sequence.Operations;
        if (problem.Operation < 0 || problem.Operation >= operations.Count)
            yield break;
        int ground = 0;
        while (ground < problem.Operation && operations[ground] is not Operation.LoadTable { Device.Name: "d0" } and not Operation.RawIoctl)
            ground++;
        if (program.Hurried)
        {
            yield return With(program, [.. operations.Take(ground), operations[problem.Operation]]);
            if (operations[problem.Operation] is Operation.Table && LastLoad(operations, problem.Operation) is { } load)
                yield return With(program, [.. operations.Take(ground), load, operations[problem.Operation]]);
        }
        yield return With(program, [.. operations.Take(problem.Operation + 1)]);
    }

    private static Operation? LastLoad(ValueList<Operation> operations, int before) =>
        operations.Take(before).LastOrDefault(operation => operation is Operation.LoadTable or Operation.RawIoctl);

    private static FuzzProgram With(FuzzProgram program, IReadOnlyList<Operation> operations) => program with { Sequence = program.Sequence.With(operations) };
}
