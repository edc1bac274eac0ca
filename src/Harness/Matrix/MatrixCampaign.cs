using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Matrix;

/// <summary>What a campaign tells while it runs.</summary>
public interface IMatrixProgress
{
    void CaseDone(int done, int all, int signatures);

    /// <summary>All cases have run; so many of the findings to be made small are.</summary>
    void Shrinking(int done, int all);
}

/// <summary>
/// Runs many cases over the matrix and gathers what they show. What a guest shows that was used before counts only when its saved state
/// shows it too.
/// </summary>
/// <param name="shrinker">Makes what was found small, once all cases have run; null to leave it as it was found.</param>
public sealed class MatrixCampaign(MatrixRunner runner, MatrixJudge judge, FindingShrinker? shrinker = null)
{
    /// <summary>So many failures in a row to come up at all are no accident of one case.</summary>
    private const int MaxBootFailuresInARow = 3;

    private readonly Dictionary<string, int> _bootFailures = [];
    private readonly HashSet<string> _confirmed = new(StringComparer.Ordinal);
    private readonly MatrixTally _tally = new();

    /// <summary>Runs all cases in order; cancelled, it answers what was found until then.</summary>
    /// <exception cref="KernelUnavailableException">A kernel does not come up.</exception>
    public async Task<MatrixSummary> RunAsync(ICaseSource cases, IMatrixProgress? progress, CancellationToken cancel)
    {
        bool cancelled = false;
        try
        {
            for (int i = 0; i < cases.Count; i++)
            {
                await RunAsync(cases.NameOf(i), cases.Open(i), cancel);
                progress?.CaseDone(i + 1, cases.Count, _tally.Signatures);
            }
            await ShrinkAsync(progress, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            cancelled = true;
        }
        return _tally.Summary([.. runner.Columns.Select(c => new MatrixMachine(c.Label, c.Kernel.Description, c.Model is not null))], cancelled);
    }

    private async Task RunAsync(string name, IOperationSource source, CancellationToken cancel)
    {
        var shown = await runner.RunAsync(name, source, ResetKind.TidiedIfPossible, cancel);
        var findings = judge.Judge(shown);
        if (findings.Any(f => !_confirmed.Contains(f.Signature)) && shown.Columns.Any(c => c.Kernel.Tidied))
        {
            shown = await runner.RunAsync(name, new FixedSource(shown.Sequence), ResetKind.Saved, cancel);
            findings = judge.Judge(shown);
        }
        foreach (var column in shown.Columns)
            NoteBoot(column);
        _confirmed.UnionWith(findings.Select(f => f.Signature));
        _tally.Add(shown, findings);
    }

    private async Task ShrinkAsync(IMatrixProgress? progress, CancellationToken cancel)
    {
        if (shrinker is null)
            return;
        var wanted = _tally.Groups.Where(group => shrinker.Wants(group.Smallest)).ToArray();
        for (int i = 0; i < wanted.Length; i++)
        {
            progress?.Shrinking(i, wanted.Length);
            if (await shrinker.ShrinkAsync(wanted[i].Smallest, cancel) is { } smaller)
                _tally.Shrunk(smaller);
        }
    }

    private void NoteBoot(ColumnShown column)
    {
        int failures = column.Kernel.Failure is { Kind: GuestFailureKind.Boot } ? _bootFailures.GetValueOrDefault(column.Label) + 1 : 0;
        _bootFailures[column.Label] = failures;
        if (failures >= MaxBootFailuresInARow)
            throw new KernelUnavailableException(column.Kernel.Failure!);
    }
}
