using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Campaigns;

/// <summary>Tables that were loaded, or refused, and what that took.</summary>
public sealed record LoadRate(long Loads, TimeSpan Time)
{
    public double PerSecond => Time > TimeSpan.Zero ? Loads / Time.TotalSeconds : 0;

    public static LoadRate Sum(IEnumerable<LoadRate> rates)
    {
        var all = rates.ToList();
        return new LoadRate(all.Sum(r => r.Loads), TimeSpan.FromTicks(all.Sum(r => r.Time.Ticks)));
    }
}

/// <summary>A problem that was found, with the program that shows it.</summary>
public sealed record FoundProblem(ProblemKind Kind, string Signature, string Detail, bool IsFleeting, OperationSequence Sequence)
{
    public static FoundProblem Of(FuzzFindingReport report) =>
        new(report.Problem.Kind, report.Problem.Signature, report.Problem.Detail, report.IsFleeting, report.Program.Sequence) { IsHurried = report.Program.Hurried };

    /// <summary>As <see cref="Fuzzing.Programs.FuzzProgram.Hurried"/>.</summary>
    public bool IsHurried { get; init; }

    /// <summary>Of the model; all others are of the kernel.</summary>
    public bool IsOfModel => Kind is ProblemKind.Difference or ProblemKind.Model;
}

/// <summary>What a fuzzing campaign, or a shard of one, has done and found, as plain data.</summary>
/// <param name="Answers">Different (command, errno, log line).</param>
/// <param name="Functions">Names of functions of the kernel that ran.</param>
/// <param name="There">Every function that the kernel has, as "module:function"; empty where that is not known.</param>
/// <param name="Longest">What the slowest worker took.</param>
public sealed record FuzzResult(
    IReadOnlyList<string> Targets,
    long Programs,
    long Calls,
    long Loads,
    LoadRate OnKernel,
    LoadRate OnModel,
    IReadOnlyList<string> Answers,
    IReadOnlyList<string> Functions,
    IReadOnlyList<string> There,
    int FromCorpus,
    int Corpus,
    int Starts,
    int Repeated,
    int Dismissed,
    IReadOnlyList<FoundProblem> Findings,
    TimeSpan Longest,
    bool Cancelled)
{
    /// <summary>What one worker has done.</summary>
    public static FuzzResult Of(FuzzFigures figures, IReadOnlyList<string> there, bool cancelled) => new(
        figures.Targets, figures.Programs, figures.Calls, figures.Loads, new LoadRate(figures.OnKernel.Loads, figures.OnKernel.Time),
        new LoadRate(figures.OnModel.Loads, figures.OnModel.Time), Sorted(figures.AnswersSeen), Sorted(figures.Functions), there, figures.FromCorpus, figures.Corpus,
        figures.Starts, figures.Repeated, figures.Dismissed, [.. figures.Reports.Select(FoundProblem.Of)], figures.Elapsed, cancelled);

    /// <summary>Counts are added, what was seen and found is put together: what several have found is one finding, found again.</summary>
    public static FuzzResult Join(IReadOnlyList<FuzzResult> parts)
    {
        var findings = parts.SelectMany(p => p.Findings).GroupBy(f => (f.Kind, f.Signature)).ToList();
        return new FuzzResult(
            Sorted(parts.SelectMany(p => p.Targets)), parts.Sum(p => p.Programs), parts.Sum(p => p.Calls), parts.Sum(p => p.Loads),
            LoadRate.Sum(parts.Select(p => p.OnKernel)), LoadRate.Sum(parts.Select(p => p.OnModel)),
            Sorted(parts.SelectMany(p => p.Answers)), Sorted(parts.SelectMany(p => p.Functions)), Sorted(parts.SelectMany(p => p.There)),
            parts.Sum(p => p.FromCorpus), parts.Sum(p => p.Corpus), parts.Sum(p => p.Starts),
            parts.Sum(p => p.Repeated) + findings.Sum(same => same.Count() - 1), parts.Sum(p => p.Dismissed),
            [.. findings.OrderBy(f => f.Key.Kind).ThenBy(f => f.Key.Signature, StringComparer.Ordinal).Select(same => same.MinBy(f => f.Sequence.Operations.Count)!)],
            parts.Max(p => p.Longest), parts.Any(p => p.Cancelled));
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) => [.. names.Distinct().Order(StringComparer.Ordinal)];
}
