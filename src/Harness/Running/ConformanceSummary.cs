using DmSim.Harness.Metadata;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Running;

/// <summary>Where a campaign stands.</summary>
/// <param name="TidiedCases">Of the cases, those whose kernel had tidied up after an earlier one; the others began in the saved state.</param>
/// <param name="AllowedOutcomes">Sum over all compared steps of how many outcomes would have conformed.</param>
public sealed record ConformanceFigures(
    int Cases, int TidiedCases, long Steps, long AllowedOutcomes, int Divergences, int GuestFailures, int ModelFailures, TimeSpan Elapsed)
{
    public double StepsPerSecond => Elapsed > TimeSpan.Zero ? Steps / Elapsed.TotalSeconds : 0;
    public double CasesPerSecond => Elapsed > TimeSpan.Zero ? Cases / Elapsed.TotalSeconds : 0;

    /// <summary>1 when nothing but exact equality conforms. A model that allows everything would pass everything.</summary>
    public double MeanAllowedOutcomes => Steps > 0 ? (double)AllowedOutcomes / Steps : 1;
}

/// <summary>How a case that did not agree ended, with its number and name.</summary>
public sealed record NotedCase(int Index, string Name, CaseResult Result);

/// <param name="Uses">How often a rule was needed.</param>
public sealed record RuleUse(string Rule, long Uses);

/// <param name="Count">How often an operation was answered so.</param>
public sealed record AnswerCount(string Verb, string Errno, long Count);

/// <summary>What a campaign has to say in the end.</summary>
/// <param name="RuleUses">How often each rule in force was needed; those never needed count 0.</param>
/// <param name="Answers">How often each verb was answered with each errno ("None" for success), for a view of what was exercised.</param>
/// <param name="OnlyOnTidied">Cases in which a used kernel differed and one in its saved state agreed; the results are those of the used one.</param>
/// <param name="FirstStepAfter">From the start of the run to the first compared step.</param>
public sealed record ConformanceSummary(
    string Model,
    string Kernel,
    ConformanceFigures Figures,
    IReadOnlyList<RuleUse> RuleUses,
    IReadOnlyList<AnswerCount> Answers,
    IReadOnlyList<NotedCase> Noted,
    IReadOnlyList<NotedCase> OnlyOnTidied,
    TimeSpan? FirstStepAfter,
    bool Cancelled)
{
    /// <summary>What was found out about the metadata that pools left; null when nobody could look.</summary>
    public MetadataFigures? Metadata { get; init; }

    /// <summary>How often a guest was gone without a word; its case was run again.</summary>
    public int Losses { get; init; }

    public NotedCase? FirstDivergence => Noted.FirstOrDefault(n => n.Result is Diverged);

    public bool AllAgree => Noted.Count == 0;
}

/// <summary>Adds up the results of cases.</summary>
internal sealed class ConformanceTally
{
    private readonly Dictionary<string, long> _ruleUses = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Verb, string Errno), long> _answers = [];
    private readonly List<NotedCase> _noted = [];
    private readonly List<NotedCase> _onlyOnTidied = [];
    private int _cases;
    private int _tidiedCases;
    private int _losses;
    private long _steps;
    private long _allowedOutcomes;
    private TimeSpan? _firstStepAfter;
    private MetadataFigures _metadata;

    public string? KernelDescription { get; set; }

    public void Add(int index, string name, CaseResult result, TimeSpan elapsed)
    {
        _cases++;
        if (result.OnTidiedKernel)
            _tidiedCases++;
        _losses += result.Losses;
        _steps += result.Figures.Steps;
        _metadata += result.Figures.Metadata;
        _allowedOutcomes += result.Figures.AllowedOutcomes;
        if (result.Figures.Steps > 0)
            _firstStepAfter ??= elapsed;
        foreach (var use in result.Figures.Allowed)
            _ruleUses[use.Rule] = _ruleUses.GetValueOrDefault(use.Rule) + 1;
        foreach (var step in result.Reference.Steps.Take(result.Figures.Steps))
        {
            var key = (step.Context.Verb, step.Outcome.OfOperation(Field.Errno) ?? step.Outcome.OfOperation(Field.Progress) ?? "None");
            _answers[key] = _answers.GetValueOrDefault(key) + 1;
        }
        if (result is not Agreed)
            _noted.Add(new NotedCase(index, name, result));
        else if (result.BeforeOnTidied is { } before)
            _onlyOnTidied.Add(new NotedCase(index, name, before));
    }

    public ConformanceFigures Figures(TimeSpan elapsed) => new(
        _cases, _tidiedCases, _steps, _allowedOutcomes, _noted.Count(n => n.Result is Diverged), _noted.Count(n => n.Result is GuestFailed),
        _noted.Count(n => n.Result is ModelFailed), elapsed);

    /// <param name="stopBefore">Cases of this number and above were cut off by a divergence of this number: only it is told of them.</param>
    public ConformanceSummary Summary(Contest contest, TimeSpan elapsed, bool cancelled, int stopBefore) => new(
        contest.ModelDescription,
        KernelDescription ?? "no kernel",
        Figures(elapsed),
        [.. contest.Comparer.Rules.Select(rule => new RuleUse(rule.Name, _ruleUses.GetValueOrDefault(rule.Name)))],
        [.. _answers.Select(answer => new AnswerCount(answer.Key.Verb, answer.Key.Errno, answer.Value))],
        [.. _noted.Where(n => n.Index <= stopBefore).OrderBy(n => n.Index)],
        [.. _onlyOnTidied.Where(n => n.Index <= stopBefore).OrderBy(n => n.Index)],
        _firstStepAfter,
        cancelled)
    {
        Metadata = contest.MetadataTools is null ? null : _metadata,
        Losses = _losses,
    };
}
