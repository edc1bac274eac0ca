using DmSim.Harness.Fuzzing.Programs;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>What a campaign has done and seen.</summary>
public sealed class FuzzFigures
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ProblemKind, int> _found = [];
    private readonly List<FuzzFindingReport> _reports = [];

    public IReadOnlyList<string> Targets { get; internal set; } = [];
    public long Programs { get; private set; }
    public long Calls { get; private set; }

    /// <summary>Tables that were loaded, or refused.</summary>
    public long Loads { get; private set; }

    /// <summary>Wall time that the machine took for batches, with the link to it, and the loads in them; but for the first after each start.</summary>
    public (TimeSpan Time, long Loads) OnKernel { get; private set; }

    /// <summary>CPU time that the model took for its answers, and the loads among them.</summary>
    public (TimeSpan Time, long Loads) OnModel { get; private set; }

    public TimeSpan Elapsed { get; internal set; }

    /// <summary>How often the machine was put into its saved state.</summary>
    public int Starts { get; internal set; }

    /// <summary>Distinct (command, errno, log) tuples.</summary>
    public int Answers => AnswersSeen.Count;

    public IReadOnlySet<string> AnswersSeen { get; private set; } = new HashSet<string>();

    /// <summary>Names of functions of the kernel that ran.</summary>
    public IReadOnlySet<string> Functions { get; private set; } = new HashSet<string>();

    public int FromCorpus { get; internal set; }
    public int Corpus { get; internal set; }

    /// <summary>Problems seen again after they had been reported.</summary>
    public int Repeated { get; internal set; }

    /// <summary>Differences that the lock-step comparison does not see, or allows.</summary>
    public int Dismissed { get; private set; }

    public IReadOnlyDictionary<ProblemKind, int> Found => _found;

    /// <summary>What was found, in the order in which it was.</summary>
    public IReadOnlyList<FuzzFindingReport> Reports => _reports;

    internal void Add(ProgramRun run, int loads)
    {
        Programs++;
        Calls += run.Replies.Count;
        Loads += loads;
    }

    internal void AddOnKernel(TimeSpan time, int loads) => OnKernel = (OnKernel.Time + time, OnKernel.Loads + loads);

    internal void AddOnModel(TimeSpan time, int loads)
    {
        lock (_lock)
            OnModel = (OnModel.Time + time, OnModel.Loads + loads);
    }

    internal void Seen(FuzzCoverage coverage)
    {
        AnswersSeen = coverage.AnswersSeen;
        Functions = coverage.Functions;
    }

    internal void Count(FuzzProblem problem, FuzzFindingReport? report)
    {
        if (report is null)
        {
            Dismissed++;
            return;
        }
        _found[problem.Kind] = _found.GetValueOrDefault(problem.Kind) + 1;
        _reports.Add(report);
    }
}
