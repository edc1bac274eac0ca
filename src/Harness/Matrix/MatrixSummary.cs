using DmSim.Harness.Operations;

namespace DmSim.Harness.Matrix;

/// <summary>A column, for reports.</summary>
/// <param name="Description">The kernel in full: "kernel 6.1.0-56-cloud-amd64, QEMU TCG".</param>
/// <param name="HasModel">Whether there is a profile of its release.</param>
public sealed record MatrixMachine(string Label, string Description, bool HasModel);

/// <summary>All cases that show the same.</summary>
/// <param name="Smallest">Of them, the one with the fewest operations.</param>
/// <param name="Fastest">Of them, the one that took the least time; null when the smallest is it.</param>
/// <param name="FastestTime">What that one took on all machines together.</param>
public sealed record FindingGroup(MatrixFinding Smallest, int Cases, MatrixFinding Fastest, TimeSpan FastestTime)
{
    public string Signature => Smallest.Signature;
}

/// <summary>What a campaign has to say in the end.</summary>
/// <param name="Verbs">How often each operation was done, whatever it showed.</param>
public sealed record MatrixSummary(
    IReadOnlyList<MatrixMachine> Machines, int Cases, long Steps, IReadOnlyDictionary<string, long> Verbs, IReadOnlyList<FindingGroup> Findings,
    IReadOnlyList<string> CaseNames, TimeSpan Elapsed, bool Cancelled);

/// <summary>Adds up the findings of cases.</summary>
internal sealed class MatrixTally
{
    private readonly SortedDictionary<string, FindingGroup> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _verbs = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private long _steps;
    private TimeSpan _elapsed;

    public int Signatures => _groups.Count;

    public void Add(MatrixCase shown, IReadOnlyList<MatrixFinding> findings)
    {
        _names.Add(shown.Name);
        _steps += shown.Contexts.Count;
        _elapsed += shown.Elapsed;
        foreach (var context in shown.Contexts)
            _verbs[context.Verb] = _verbs.GetValueOrDefault(context.Verb) + 1;
        foreach (var finding in findings)
        {
            _groups[finding.Signature] = _groups.GetValueOrDefault(finding.Signature) is not { } group
                ? new FindingGroup(finding, 1, finding, shown.Elapsed)
                : group with
                {
                    Cases = group.Cases + 1,
                    Smallest = Size(finding.Sequence) < Size(group.Smallest.Sequence) ? finding : group.Smallest,
                    Fastest = shown.Elapsed < group.FastestTime ? finding : group.Fastest,
                    FastestTime = shown.Elapsed < group.FastestTime ? shown.Elapsed : group.FastestTime,
                };
        }
    }

    public IEnumerable<FindingGroup> Groups => _groups.Values;

    /// <summary>Takes a smaller sequence that shows the same.</summary>
    public void Shrunk(MatrixFinding smaller) => _groups[smaller.Signature] = _groups[smaller.Signature] with { Smallest = smaller };

    private static int Size(OperationSequence sequence) => sequence.Operations.Count;

    public MatrixSummary Summary(IReadOnlyList<MatrixMachine> machines, bool cancelled) =>
        new(machines, _names.Count, _steps, _verbs, [.. _groups.Values], _names, _elapsed, cancelled);
}
