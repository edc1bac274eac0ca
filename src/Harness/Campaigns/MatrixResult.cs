using DmSim.Harness.Matrix;
using DmSim.Harness.Running;

namespace DmSim.Harness.Campaigns;

/// <summary>What shards of a campaign over the matrix have found, joined.</summary>
public static class MatrixResult
{
    /// <summary>How cases are called that come out of the store. The first shard alone does them.</summary>
    public const string StoredMark = "stored: ";

    /// <summary>What one run of the whole would have said. The time is the sum: what the machines took together.</summary>
    /// <param name="parts">In order of shards.</param>
    public static MatrixSummary Join(IReadOnlyList<(Shard Shard, MatrixSummary Result)> parts)
    {
        var results = parts.Select(p => p.Result).ToList();
        var names = Names(parts);
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (i, name) in names.Index())
            order.TryAdd(name, i);
        return results[0] with
        {
            Cases = results.Sum(r => r.Cases),
            Steps = results.Sum(r => r.Steps),
            Verbs = new SortedDictionary<string, long>(results.SelectMany(r => r.Verbs).GroupBy(v => v.Key).ToDictionary(v => v.Key, v => v.Sum(one => one.Value)), StringComparer.Ordinal),
            Findings = [.. results.SelectMany(r => r.Findings).GroupBy(g => g.Signature).OrderBy(g => g.Key, StringComparer.Ordinal).Select(same => Join([.. same], order))],
            CaseNames = names,
            Elapsed = TimeSpan.FromTicks(results.Sum(r => r.Elapsed.Ticks)),
            Cancelled = results.Any(r => r.Cancelled),
        };
    }

    /// <summary>The smallest and the fastest of all; of equals the one that the whole would have met first.</summary>
    private static FindingGroup Join(IReadOnlyList<FindingGroup> same, Dictionary<string, int> order)
    {
        var smallest = same.MinBy(g => (g.Smallest.Sequence.Operations.Count, Place(g.Smallest)))!;
        var fastest = same.MinBy(g => (g.FastestTime, Place(g.Fastest)))!;
        return new FindingGroup(smallest.Smallest, same.Sum(g => g.Cases), fastest.Fastest, fastest.FastestTime);

        int Place(MatrixFinding finding) => order.GetValueOrDefault(finding.Case, int.MaxValue);
    }

    /// <summary>What was stored first, then the cases in the order of their numbers.</summary>
    private static List<string> Names(IReadOnlyList<(Shard Shard, MatrixSummary Result)> parts)
    {
        var stored = parts.SelectMany(p => p.Result.CaseNames.TakeWhile(IsStored));
        var drawn = parts.SelectMany(p => p.Result.CaseNames.SkipWhile(IsStored).Select((name, i) => (Number: p.Shard.NumberOf(i), name)));
        return [.. stored, .. drawn.OrderBy(c => c.Number).Select(c => c.name)];
    }

    private static bool IsStored(string name) => name.StartsWith(StoredMark, StringComparison.Ordinal);
}
