using System.Globalization;
using System.Text;

namespace DmSim.Harness.Matrix;

/// <summary>A campaign as text: operations by kernels, then what was found.</summary>
public static class MatrixReport
{
    private const int MaxValue = 100;

    public static string Write(MatrixSummary summary, MatrixVerdict verdict)
    {
        var text = new StringBuilder();
        foreach (var machine in summary.Machines)
            text.Append(CultureInfo.InvariantCulture, $"{machine.Label,-6} {machine.Description}{(machine.HasModel ? "" : " (no profile: compared with kernels only)")}\n");
        text.Append('\n');
        WriteTable(text, MatrixTable.Of(summary));
        foreach (var group in summary.Findings.Where(g => !g.Smallest.Modelled))
            Write(text, group, verdict);
        foreach (var (i, group) in summary.Findings.Where(g => g.Smallest.Modelled).Index())
        {
            text.Append(i == 0 ? "\nchanges that the models of both kernels know:\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"  {group.Signature}  ({group.Cases} cases){(verdict.IsNew(group) ? "  NEW" : "")}\n");
        }
        text.Append(CultureInfo.InvariantCulture,
            $"\n{summary.Cases} cases, {summary.Steps} steps on {summary.Machines.Count} kernels in {summary.Elapsed.TotalSeconds:F1} s; ");
        text.Append(CultureInfo.InvariantCulture, $"{summary.Findings.Count} signatures: {Counts(summary)}\n");
        foreach (string line in verdict.Lines)
            text.Append(line).Append('\n');
        if (summary.Cancelled)
            text.Append("stopped before the end\n");
        return text.ToString();
    }

    private static string Counts(MatrixSummary summary)
    {
        int Of(FindingKind kind) => summary.Findings.Count(g => g.Smallest.Kind == kind);
        int known = summary.Findings.Count(g => g.Smallest is { Kind: FindingKind.KernelChange, Modelled: true });
        return string.Create(CultureInfo.InvariantCulture,
            $"{Of(FindingKind.KernelChange)} changes between kernels ({known} of them modelled), {Of(FindingKind.ModelWrong) + Of(FindingKind.ModelThrew)} where a model is wrong, "
            + $"{Of(FindingKind.GuestFailure)} failures of guests");
    }

    private static void WriteTable(StringBuilder text, MatrixTable table)
    {
        int[] widths = [.. table.Columns.Select((name, i) => Math.Max(name.Length, table.Rows.Max(row => (int?)row.Cells[i].Text.Length) ?? 0))];
        int first = Math.Max("operation".Length, table.Rows.Max(row => (int?)row.Verb.Length) ?? 0);
        Line("operation", table.Columns);
        foreach (var row in table.Rows)
            Line(row.Verb, [.. row.Cells.Select(cell => cell.Text)]);

        void Line(string head, IReadOnlyList<string> cells) => text.Append(
            string.Join("  ", [head.PadRight(first), .. cells.Select((cell, i) => cell.PadRight(widths[i]))]).TrimEnd()).Append('\n');
    }

    private static void Write(StringBuilder text, FindingGroup group, MatrixVerdict verdict)
    {
        var finding = group.Smallest;
        text.Append(CultureInfo.InvariantCulture,
            $"\n{finding.Verdict}: {finding.Signature}{(verdict.IsNew(group) ? "  NEW" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {group.Cases} cases, first in {finding.Case}, {finding.Sequence.Operations.Count} operations\n");
        if (finding.Sequence.Operations is [.., var last])
            text.Append("  ").Append(Cut(Scripts.ScriptExport.OneLine(last))).Append('\n');
        foreach (var value in finding.Values.Where(v => !v.Machine.StartsWith("model", StringComparison.Ordinal) || v.Machine == "model " + finding.Newer))
            text.Append(CultureInfo.InvariantCulture, $"    {value.Machine,-10} {Cut(value.Value ?? "(none)")}\n");
    }

    internal static string Cut(string value)
    {
        string line = value.Replace("\n", "\\n", StringComparison.Ordinal);
        return line.Length <= MaxValue ? line : line[..(MaxValue - 1)] + "…";
    }
}
