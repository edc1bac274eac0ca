using System.Globalization;
using System.Net;
using System.Text;
using DmSim.Harness.Scripts;

namespace DmSim.Harness.Matrix;

/// <summary>A campaign as one page that needs nothing else: the table, and behind each cell what was found, with its script.</summary>
public static class MatrixHtml
{
    private const string Style = """
        body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#222;background:#fff}
        table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top}
        td.same{color:#999}td.differs{background:#fff3d6}td.wrong{background:#ffd9d6}pre{background:#f5f5f5;padding:.6em;overflow:auto}
        details{margin:.5em 0;border-left:3px solid #ccc;padding-left:.8em}summary{cursor:pointer}.new{color:#b00;font-weight:bold}.known{color:#666}
        @media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre{background:#222}td.differs{background:#4a3c10}td.wrong{background:#5a1f1b}}
        """;

    public static string Write(MatrixSummary summary, MatrixVerdict verdict)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>dmsim matrix</title>\n<style>\n");
        page.Append(Style).Append("\n</style></head><body>\n<h1>dmsim matrix</h1>\n<ul>\n");
        foreach (var machine in summary.Machines)
            page.Append(CultureInfo.InvariantCulture, $"<li>{E(machine.Label)}: {E(machine.Description)}{(machine.HasModel ? "" : " (no profile)")}</li>\n");
        page.Append(CultureInfo.InvariantCulture,
            $"</ul>\n<p>{summary.Cases} cases, {summary.Steps} steps, {summary.Findings.Count} signatures, {summary.Elapsed.TotalSeconds:F0} s{(summary.Cancelled ? ", stopped before the end" : "")}.</p>\n");
        foreach (string line in verdict.Lines)
            page.Append("<p>").Append(E(line)).Append("</p>\n");
        WriteTable(page, MatrixTable.Of(summary));
        foreach (var group in summary.Findings.OrderBy(g => g.Smallest.Modelled).ThenBy(g => g.Signature, StringComparer.Ordinal))
            Write(page, group, verdict);
        return page.Append("</body></html>\n").ToString();
    }

    private static void WriteTable(StringBuilder page, MatrixTable table)
    {
        page.Append("<table><tr><th>operation</th>");
        foreach (string column in table.Columns)
            page.Append("<th>").Append(E(column)).Append("</th>");
        page.Append("</tr>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr><th>").Append(E(row.Verb)).Append("</th>");
            for (int i = 0; i < row.Cells.Count; i++)
            {
                string kind = row.Cells[i].Signatures == 0 ? "same" : table.Columns[i].StartsWith("model ", StringComparison.Ordinal) ? "wrong" : "differs";
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"{kind}\">{E(row.Cells[i].Text)}</td>");
            }
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
    }

    private static void Write(StringBuilder page, FindingGroup group, MatrixVerdict verdict)
    {
        var finding = group.Smallest;
        string mark = verdict.IsNew(group) ? " <span class=\"new\">new</span>" : finding.Modelled ? " <span class=\"known\">modelled</span>" : "";
        page.Append(CultureInfo.InvariantCulture,
            $"<details><summary><b>{E(finding.Verdict)}</b> {E(finding.Signature)}{mark} ({group.Cases} cases)</summary>\n<table>");
        foreach (var value in finding.Values)
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{E(value.Machine)}</th><td><pre>{E(value.Value ?? "(none)")}</pre></td></tr>\n");
        page.Append(CultureInfo.InvariantCulture, $"</table>\n<p>{E(finding.Case)}, step {finding.Step}</p>\n<pre>{E(finding.Sequence.ToString())}</pre>\n");
        page.Append("<details><summary>as a script</summary><pre>")
            .Append(E(ScriptExport.Write(finding.Sequence, finding.Signature, finding.Sequence.Operations.Count))).Append("</pre></details></details>\n");
    }

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
