using System.Globalization;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Matrix;

/// <summary>
/// Operations by machines. The cell of a kernel says what it shows otherwise than the one that it is held against, that of a model
/// what its kernel shows otherwise: the observable of the most cases, and how many there are beside it.
/// </summary>
public sealed record MatrixTable(IReadOnlyList<string> Columns, IReadOnlyList<MatrixTable.Row> Rows)
{
    public sealed record Row(string Verb, IReadOnlyList<Cell> Cells);

    /// <param name="Text">"=" when nothing differs.</param>
    public sealed record Cell(string Text, int Signatures, int Cases);

    public static MatrixTable Of(MatrixSummary summary)
    {
        var columns = new List<(string Name, Func<MatrixFinding, bool> Is)>();
        foreach (var machine in summary.Machines)
        {
            if (machine.HasModel)
                columns.Add(($"model {machine.Label}", f => f.Newer == machine.Label && f.Kind is (FindingKind.ModelWrong or FindingKind.ModelThrew)));
            var findings = summary.Findings.Select(g => g.Smallest).Where(f => f.Newer == machine.Label && f.Older != f.Newer);
            foreach (string older in findings.Select(f => f.Older).Distinct())
                columns.Add(($"{older}->{machine.Label}", f => f.Older == older && f.Newer == machine.Label && f.Kind is (FindingKind.KernelChange or FindingKind.GuestFailure)));
        }
        var rows = summary.Verbs.Keys.Select(verb => new Row(verb,
            [.. columns.Select(column => CellOf([.. summary.Findings.Where(g => g.Smallest.Verb == verb && column.Is(g.Smallest))]))]));
        return new MatrixTable([.. columns.Select(c => c.Name)], [.. rows]);
    }

    private static Cell CellOf(IReadOnlyList<FindingGroup> groups)
    {
        if (groups.Count == 0)
            return new Cell("=", 0, 0);
        var most = groups.OrderByDescending(g => g.Cases).ThenBy(g => Weight(g.Smallest)).First();
        string more = groups.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" +{groups.Count - 1}");
        return new Cell($"{most.Smallest.Place}{more}", groups.Count, groups.Sum(g => g.Cases));
    }

    private static Field Weight(MatrixFinding finding) =>
        Fields.TryParse(finding.Place[(finding.Place.IndexOf('/', StringComparison.Ordinal) + 1)..], out var field) ? field : Field.Progress;
}
