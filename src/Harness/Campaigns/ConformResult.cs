using System.Security.Cryptography;
using System.Text;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;

namespace DmSim.Harness.Campaigns;

/// <summary>How a case did not agree.</summary>
public enum NotedKind
{
    Differs = 1,
    ModelThrew,
    BadMetadata,
    GuestFailed,
}

/// <summary>A case that did not agree.</summary>
/// <param name="Index">Its number in the whole campaign.</param>
/// <param name="Key">The same for all that failed in the same way.</param>
/// <param name="Says">How it ended, in one line.</param>
/// <param name="Report">What was reported of it; null where another of the same key was.</param>
public sealed record NotedResult(int Index, string Case, NotedKind Kind, string Key, string Says, ReportedResult? Report)
{
    /// <summary>Failures of a guest say nothing of the model, and do not end a campaign.</summary>
    public bool IsOfModel => Kind != NotedKind.GuestFailed;
}

/// <summary>What was reported of a case, maybe made smaller.</summary>
/// <param name="FileName">Of its files, without ending: the same for the same operations.</param>
/// <param name="Screen">The report of a divergence, without the commands to replay it; null for other failures.</param>
public sealed record ReportedResult(string FileName, string Says, OperationSequence Sequence, string? Screen)
{
    public static ReportedResult Of(CaseResult result, OperationSequence sequence) => new(
        NameOf(result), SummaryReport.Describe(result), sequence, result is Diverged diverged ? DivergenceReport.WriteScreen(diverged.Divergence) : null);

    private static string NameOf(CaseResult result)
    {
        string what = result switch
        {
            Diverged diverged => diverged.Divergence.Signature.ToString(),
            GuestFailed => "guest",
            _ => "model",
        };
        string plain = string.Concat(what.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return $"{plain}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(result.Sequence.ToString())))[..8]}";
    }
}

/// <summary>What a campaign of conform, or a shard of one, has to say, as plain data.</summary>
/// <param name="StopsAtDivergence">The first divergence ends it, and of what comes after that nothing is told.</param>
/// <param name="FirstStepAfter">From the start to the first compared step; the shortest of all shards.</param>
public sealed record ConformResult(
    string Model,
    string Kernel,
    bool StopsAtDivergence,
    ConformanceFigures Figures,
    IReadOnlyList<RuleUse> RuleUses,
    IReadOnlyList<AnswerCount> Answers,
    IReadOnlyList<NotedResult> Noted,
    IReadOnlyList<NotedResult> OnlyOnTidied,
    TimeSpan? FirstStepAfter,
    MetadataFigures? Metadata,
    int Losses,
    bool Cancelled)
{
    /// <param name="shard">The part of the campaign that the summary is of.</param>
    /// <param name="reported">What was reported, by number in the summary.</param>
    public static ConformResult Of(
        ConformanceSummary summary, Shard shard, bool stopsAtDivergence, IReadOnlyDictionary<int, ReportedResult>? reported = null)
    {
        return new ConformResult(summary.Model, summary.Kernel, stopsAtDivergence, summary.Figures, summary.RuleUses, summary.Answers,
            [.. summary.Noted.Select(Note)], [.. summary.OnlyOnTidied.Select(Note)], summary.FirstStepAfter, summary.Metadata, summary.Losses, summary.Cancelled);

        NotedResult Note(NotedCase noted) => new(
            shard.NumberOf(noted.Index), noted.Name, KindOf(noted.Result), FailureKey.Of(noted.Result)?.Text ?? noted.Name,
            SummaryReport.Describe(noted.Result), reported?.GetValueOrDefault(noted.Index));
    }

    private static NotedKind KindOf(CaseResult result) => result switch
    {
        Diverged => NotedKind.Differs,
        ModelFailed => NotedKind.ModelThrew,
        BadMetadata => NotedKind.BadMetadata,
        _ => NotedKind.GuestFailed,
    };

    /// <summary>What one run of the whole would have said. Times are sums: what the machines took together.</summary>
    public static ConformResult Join(IReadOnlyList<ConformResult> parts)
    {
        bool stops = parts[0].StopsAtDivergence;
        int end = stops ? parts.SelectMany(p => p.Noted).Where(n => n.IsOfModel).Select(n => n.Index).DefaultIfEmpty(int.MaxValue).Min() : int.MaxValue;
        var noted = Upto(parts.SelectMany(p => p.Noted));
        var first = noted.GroupBy(n => n.Key).Select(same => same.First()).ToHashSet();
        return parts[0] with
        {
            Figures = Sum(parts),
            RuleUses = [.. parts[0].RuleUses.Select(use => use with { Uses = parts.Sum(p => p.RuleUses.Where(u => u.Rule == use.Rule).Sum(u => u.Uses)) })],
            Answers = [.. parts.SelectMany(p => p.Answers).GroupBy(a => (a.Verb, a.Errno)).OrderBy(a => a.Key)
                .Select(a => new AnswerCount(a.Key.Verb, a.Key.Errno, a.Sum(one => one.Count)))],
            // The whole run would have reported one of each kind.
            Noted = [.. noted.Select(n => first.Contains(n) ? n : n with { Report = null })],
            OnlyOnTidied = Upto(parts.SelectMany(p => p.OnlyOnTidied)),
            FirstStepAfter = parts.Min(p => p.FirstStepAfter),
            Metadata = parts.All(p => p.Metadata is null) ? null : parts.Aggregate(default(MetadataFigures), (sum, p) => sum + (p.Metadata ?? default)),
            Losses = parts.Sum(p => p.Losses),
            Cancelled = parts.Any(p => p.Cancelled),
        };

        IReadOnlyList<NotedResult> Upto(IEnumerable<NotedResult> all) => [.. all.Where(n => n.Index <= end).OrderBy(n => n.Index)];
    }

    private static ConformanceFigures Sum(IReadOnlyList<ConformResult> parts)
    {
        int Of(Func<ConformanceFigures, int> part) => parts.Sum(p => part(p.Figures));
        return new ConformanceFigures(
            Of(f => f.Cases), Of(f => f.TidiedCases), parts.Sum(p => p.Figures.Steps), parts.Sum(p => p.Figures.AllowedOutcomes), Of(f => f.Divergences),
            Of(f => f.GuestFailures), Of(f => f.ModelFailures), TimeSpan.FromTicks(parts.Sum(p => p.Figures.Elapsed.Ticks)));
    }
}
