using System.Diagnostics;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>How a campaign is run.</summary>
/// <param name="Time">When to stop; what is under way comes to its end.</param>
public sealed record FuzzCampaignOptions(FuzzKind Kind, ulong Seed, TimeSpan Time)
{
    /// <summary>Draw from programs that showed something new, as well as from the grammar.</summary>
    public bool Guided { get; init; } = true;

    /// <summary>At most so many programs.</summary>
    public long Programs { get; init; } = long.MaxValue;

    public const int UsualLifePercent = 60;

    /// <summary>Programs that live with their tables, of a hundred; the others only load.</summary>
    public int LifePercent { get; init; } = UsualLifePercent;

    /// <summary>Load what a table is read back as, too.</summary>
    public bool Echoes { get; init; } = true;

    /// <summary>The target types to ask for; null for all that the machine has.</summary>
    public IReadOnlyList<string>? Targets { get; init; }
}

/// <summary>What a campaign tells while it runs.</summary>
public interface IFuzzProgress
{
    void Ran(FuzzFigures soFar);

    void Found(FuzzFindingReport finding);

    /// <summary>A difference that the lock-step comparison does not see, or allows.</summary>
    void Dismissed(FuzzProblem problem, FuzzProgram program);
}

/// <summary>
/// Sends programs to a kernel, many in one batch, and judges what comes back; keeps those that showed something new, and draws from them.
/// When the kernel is gone it is started again, and programs that had no answer are sent again: nothing that was seen is lost.
/// </summary>
public sealed class FuzzCampaign(FuzzCampaignOptions options, Contest contest, IBatchMachine kernel, FuzzCorpus corpus, IFuzzProgress? progress = null)
{
    private const int CallsPerBatch = 1600;

    /// <summary>Of a hundred programs, so many come out of the corpus when there is one.</summary>
    private const int CorpusPercent = 60;

    /// <summary>A machine that is gone so often over the same programs is brought down by them.</summary>
    private const int MaxLosses = 3;

    private readonly FuzzCoverage _coverage = new();
    private readonly EchoPrograms _echoes = new();
    private readonly Dictionary<string, FuzzFindingReport?> _problems = new(StringComparer.Ordinal);
    private readonly Queue<FuzzProgram> _waiting = new();
    /// <summary>Programs of earlier runs that have not run yet, and those that have.</summary>
    private readonly HashSet<FuzzProgram> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly List<FuzzProgram> _useless = [];
    private readonly Choices _choices = new(options.Seed ^ 0x5EED);
    private readonly FuzzFigures _figures = new();
    private IReadOnlyList<TargetGrammar> _offered = [];
    private ProgramGenerator _generator = null!;
    private long _next;
    private int _losses;

    /// <summary>The first batch after a start says nothing of the rate: the emulator has to translate all code.</summary>
    private bool _cold;

    public async ValueTask<FuzzFigures> RunAsync(CancellationToken cancel = default)
    {
        // What it takes to boot is not taken from the campaign's time.
        await StartAsync(cancel);
        var watch = Stopwatch.StartNew();
        try
        {
            while (watch.Elapsed < options.Time && (_next < options.Programs || _waiting.Count > 0) && !cancel.IsCancellationRequested)
            {
                await RunBatchAsync(cancel);
                _figures.Elapsed = watch.Elapsed;
                progress?.Ran(_figures);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop: what was found until now is the answer.
        }
        if (_kept.Count == 0)
            corpus.Prune(_useless);
        _figures.Elapsed = watch.Elapsed;
        return _figures;
    }

    private async ValueTask StartAsync(CancellationToken cancel)
    {
        await ResetAsync(cancel);
        _offered = [.. (await OfferedAsync(cancel)).Where(grammar => options.Targets?.Contains(grammar.Name) ?? true)];
        if (_offered.Count == 0)
            throw new InvalidOperationException("the machine has none of the target types that are asked for");
        _generator = new ProgramGenerator(options.Kind, options.Seed, _offered) { LifePercent = options.LifePercent };
        _figures.Targets = [.. _offered.Select(grammar => grammar.Name)];
        if (!options.Guided)
            return;
        foreach (var program in corpus.Load())
        {
            _kept.Add(program);
            _waiting.Enqueue(program);
        }
        _figures.FromCorpus = _waiting.Count;
    }

    /// <summary>The described types that the machine knows.</summary>
    private async ValueTask<IReadOnlyList<TargetGrammar>> OfferedAsync(CancellationToken cancel)
    {
        var reply = await kernel.RunBatchAsync([new ScheduledCall(TimeSpan.Zero, TimeSpan.FromSeconds(1), DmRequest.ListVersions().ToCall())], cancel);
        return reply.Replies is [MachineReply.Control { Errno: Errno.None } answer]
            && new DmReply(DmCommand.DM_LIST_VERSIONS, answer.Errno, answer.Buffer).TryVersions(out var versions, out _)
            ? [.. GrammarRegistry.All.Where(grammar => versions.Any(version => version.Name == grammar.Name))]
            : throw new InvalidOperationException("the machine does not say which target types it has");
    }

    private async ValueTask ResetAsync(CancellationToken cancel)
    {
        if (await kernel.ResetAsync(ResetKind.Saved, cancel) is { } failure)
            throw new KernelUnavailableException(failure);
        _figures.Starts++;
        _cold = true;
    }

    private FuzzProgram Next()
    {
        if (_waiting.TryDequeue(out var waiting))
            return waiting;
        if (options.Guided && corpus.Programs.Count > 0 && _choices.Percent(CorpusPercent))
        {
            _next++;
            return new ProgramMutator(_choices, _offered).Mutate(_choices.AnyOf(corpus.Programs), _choices.AnyOf(corpus.Programs));
        }
        return _generator[_next++];
    }

    private async ValueTask RunBatchAsync(CancellationToken cancel)
    {
        var batch = new List<ProgramCalls>();
        for (int calls = 0; calls < CallsPerBatch && (_next < options.Programs || _waiting.Count > 0);)
        {
            batch.Add(ProgramCalls.Of(Next()));
            calls += batch[^1].Calls.Count;
        }
        // The model runs while the kernel does.
        var expected = Task.Run(() => batch.Select(Expect).ToArray(), CancellationToken.None);
        var watch = Stopwatch.StartNew();
        var runs = await ProgramRun.RunAsync(kernel, batch, cancel);
        if (!_cold)
            _figures.AddOnKernel(watch.Elapsed, batch.Take(runs.Count).Sum(Loads));
        _cold = false;
        var models = await expected;
        bool fresh = true;
        int taken = 0;
        while (taken < runs.Count && !(taken > 0 && ProgramJudge.LeavesAnything(runs[taken - 1])))
        {
            fresh &= await TakeAsync(runs[taken], models[taken], cancel);
            taken++;
        }
        fresh &= taken == 0 || !ProgramJudge.LeavesAnything(runs[taken - 1]);
        // Those without an answer, and those that did not begin on a machine without devices.
        foreach (var unanswered in batch.Skip(taken))
            _waiting.Enqueue(unanswered.Program);
        if (!fresh)
            await ResetAsync(cancel);
    }

    private (IReadOnlyList<MachineReply>? Replies, Exception? Thrown) Expect(ProgramCalls program)
    {
        if (!program.Program.IsModelled)
            return (null, null);
        var watch = Stopwatch.StartNew();
        var answer = ProgramRun.OnModel(contest.FreshModel, program);
        _figures.AddOnModel(watch.Elapsed, Loads(program));
        return answer;
    }

    private static int Loads(ProgramCalls program) => program.Program.Sequence.Operations.Count(ProgramMutator.IsLoad);

    /// <summary>False when the machine cannot be used any further as it is.</summary>
    private async ValueTask<bool> TakeAsync(ProgramRun run, (IReadOnlyList<MachineReply>? Replies, Exception? Thrown) model, CancellationToken cancel)
    {
        if (run.Failure is { Kind: GuestFailureKind.Lost } && ++_losses < MaxLosses)
        {
            // Killed, as it seems: the program has no part in it.
            _waiting.Enqueue(run.Calls.Program);
            return false;
        }
        _losses = 0;
        _figures.Add(run, Loads(run.Calls));
        Learn(run);
        foreach (var echo in options.Echoes ? _echoes.After(run) : [])
            _waiting.Enqueue(echo);
        var problem = model.Thrown is { } thrown ? Threw(thrown) : ProblemOf(run, model.Replies);
        if (problem is null)
            return true;
        if (!_problems.TryGetValue(problem.Signature, out _))
        {
            var report = await new Confirmation(contest, kernel).ConfirmAsync(problem, run.Calls.Program, cancel);
            _problems.Add(problem.Signature, report);
            _figures.Count(problem, report);
            if (report is not null)
                progress?.Found(report);
            else
                progress?.Dismissed(problem, run.Calls.Program);
            // Other programs of the batch have nothing to do with where the machine is now.
            return false;
        }
        _figures.Repeated++;
        return problem.Kind is ProblemKind.Difference or ProblemKind.ReadBack or ProblemKind.Model;
    }

    private void Learn(ProgramRun run)
    {
        var fresh = _coverage.Add(run.Calls, run.Replies);
        _figures.Seen(_coverage);
        // Unless it is kept again just as it is.
        if (_kept.Remove(run.Calls.Program))
            _useless.Add(run.Calls.Program);
        if (fresh.Count == 0)
            return;
        corpus.Add(Essence(run.Calls.Program, fresh));
        _figures.Corpus = corpus.Programs.Count;
    }

    /// <summary>
    /// What came after the last new thing has no part in it. Loads do not know of each other: of them only those stay that were new, with what
    /// was loaded where it was looked at.
    /// </summary>
    private static FuzzProgram Essence(FuzzProgram program, IReadOnlyList<int> fresh)
    {
        var kept = program.Sequence.Operations.Take(fresh[^1] + 1);
        if (program.Hurried)
        {
            var wanted = fresh.Concat(fresh.Where(i => program.Sequence.Operations[i] is Operation.Table).Select(i => i - 1)).ToHashSet();
            kept = kept.Where((operation, i) => wanted.Contains(i) || operation is Operation.Create);
        }
        return new FuzzProgram(program.About, program.Sequence.With(kept), program.Hurried);
    }

    private static FuzzProblem Threw(Exception thrown) => new(ProblemKind.Model, $"{thrown.GetType().Name} in {thrown.TargetSite?.DeclaringType?.Name}.{thrown.TargetSite?.Name}", -1, thrown.ToString());

    internal static FuzzProblem? ProblemOf(ProgramRun run, IReadOnlyList<MachineReply>? model)
    {
        if (run.Failure is { } failure)
            return CrashReport.Of(failure, run.IsWhole ? run.Calls.Program.Sequence.Operations.Count : run.Calls.Purposes[run.Replies.Count].Operation);
        return ProgramJudge.Judge(run.Calls, run.Replies, model);
    }
}
