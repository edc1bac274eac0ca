using System.Diagnostics;
using DmSim.Abi;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Running;
using DmSim.Model.Targets;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>What programs on the model alone have shown.</summary>
/// <param name="Loads">Tables loaded, or refused.</param>
/// <param name="Failed">The program over which it threw or hung, and how; null when it did neither.</param>
public sealed record ModelProgramSummary(long Programs, long Loads, TimeSpan Elapsed, (FuzzProgram Program, string What)? Failed)
{
    public double LoadsPerSecond => Elapsed > TimeSpan.Zero ? Loads / Elapsed.TotalSeconds : 0;
}

/// <summary>Programs on the model alone, several at a time: none may make it throw or hang.</summary>
public sealed class ModelPrograms(Func<IMachine> freshMachine, FuzzKind kind, ulong seed)
{
    /// <summary>A program that takes longer than this counts as hung.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly ProgramGenerator _generator = new(kind, seed, [.. GrammarRegistry.All.Where(grammar => TargetRegistry.All.Any(type => type.Name == grammar.Name))]);
    private long _next, _programs, _loads;
    private (FuzzProgram Program, string What)? _failed;

    /// <summary>Only load tables, run nothing.</summary>
    public bool LoadsOnly { get; init; }

    /// <summary>The part of the programs that is made.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    public Action<long>? Progress { get; init; }

    private sealed class Worker
    {
        public FuzzProgram? Program;
        public TimeSpan Since;
    }

    public ModelProgramSummary Run(TimeSpan time, long programs, int threads, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        long mine = programs == long.MaxValue ? programs : Shard.CountOf(programs);
        var generator = LoadsOnly ? new ProgramGenerator(kind, seed, _generator.Offered) { LifePercent = 0 } : _generator;
        var workers = Enumerable.Range(0, threads).Select(_ => new Worker()).ToArray();
        var running = workers.Select(worker => new Thread(() =>
        {
            while (!cancel.IsCancellationRequested && watch.Elapsed < time && Interlocked.Increment(ref _next) is var number && number <= mine)
                Make(worker, generator[(number - 1) * Shard.Count + Shard.Index - 1], watch);
        }) { IsBackground = true }).ToArray();
        Array.ForEach(running, thread => thread.Start());
        // A hung program keeps its thread; being in the background it does not keep the process.
        while (!Array.TrueForAll(running, thread => thread.Join(TimeSpan.FromMilliseconds(200))) && !AnyHangs(workers, watch.Elapsed))
            Progress?.Invoke(Interlocked.Read(ref _loads));
        lock (_lock)
            return new ModelProgramSummary(_programs, _loads, watch.Elapsed, _failed);
    }

    /// <summary>The same as plain data, for files. Of the kernel there is nothing in it.</summary>
    public FuzzResult ResultOf(ModelProgramSummary summary, FuzzFindingReport? report, bool cancelled) => new(
        [.. _generator.Offered.Select(grammar => grammar.Name)], summary.Programs, 0, summary.Loads, new LoadRate(0, TimeSpan.Zero),
        new LoadRate(summary.Loads, summary.Elapsed), [], [], [], 0, 0, 0, 0, 0, report is null ? [] : [FoundProblem.Of(report)], summary.Elapsed, cancelled);

    private void Make(Worker worker, FuzzProgram program, Stopwatch watch)
    {
        worker.Since = watch.Elapsed;
        worker.Program = program;
        var thrown = ProgramRun.OnModel(freshMachine, ProgramCalls.Of(program)).Thrown;
        worker.Program = null;
        lock (_lock)
        {
            _programs++;
            _loads += program.Sequence.Operations.Count(ProgramMutator.IsLoad);
            if (thrown is not null)
                _failed ??= (program, thrown.ToString());
        }
    }

    private bool AnyHangs(Worker[] workers, TimeSpan now)
    {
        foreach (var worker in workers)
        {
            if (worker.Program is not { } program || now - worker.Since < HangLimit)
                continue;
            lock (_lock)
                _failed ??= (program, $"no answer for {HangLimit.TotalSeconds:F0} s");
            return true;
        }
        return false;
    }
}
