using System.CommandLine;
using System.Text;
using DmSim.Harness.Matrix;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>How a campaign over the matrix ends, run in one piece or merged of several: report, page, JUnit, baseline, store, status.</summary>
internal sealed class MatrixConclusion
{
    private readonly Option<string?> _baseline = new("--baseline") { Description = "the file of differences that are no news (default: in the cache)", HelpName = "FILE" };
    private readonly Option<bool> _accept = new("--accept") { Description = "take what is found into the baseline" };
    private readonly Option<string?> _html = new("--html") { Description = "also write a page", HelpName = "FILE" };
    private readonly Option<string?> _junit = new("--junit") { Description = "also write JUnit XML", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_baseline, _accept, _html, _junit])
            command.Options.Add(option);
    }

    /// <summary>The first of its options that the command line has; null for none.</summary>
    public string? Given(System.CommandLine.Parsing.CommandResult result) =>
        ((Option[])[_baseline, _accept, _html, _junit]).FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Whether the command line speaks of a baseline, which only a regression test has.</summary>
    public bool HasBaseline(System.CommandLine.Parsing.CommandResult result) =>
        result.GetResult(_baseline) is not null || result.GetResult(_accept) is { Implicit: false };

    /// <param name="against">The kernel that all others are held to; null for no regression test.</param>
    public async Task<int> ReportAsync(ParseResult parsed, MatrixSummary summary, string? against, bool asJson, CacheDirectory cache)
    {
        string baseline = parsed.GetValue(_baseline)
            ?? Path.Combine(cache.Folder("baselines"), $"{string.Join('-', summary.Machines.Select(m => m.Label))}-against-{against}.txt");
        var verdict = new MatrixVerdict(summary, against is null ? null : Baseline.Read(baseline) ?? []);
        if (parsed.GetValue(_html) is { } page)
            await File.WriteAllTextAsync(page, MatrixHtml.Write(summary, verdict), Encoding.UTF8, CancellationToken.None);
        if (parsed.GetValue(_junit) is { } junit)
            await File.WriteAllTextAsync(junit, MatrixJUnit.Write(summary, verdict), Encoding.UTF8, CancellationToken.None);
        Console.Write(asJson ? MatrixJson.Write(summary, verdict) + "\n" : MatrixReport.Write(summary, verdict));
        if (parsed.GetValue(_accept))
        {
            Baseline.Accept(baseline, summary);
            await Console.Error.WriteLineAsync($"dmsim: {verdict.New.Count} differences taken into {baseline}");
            return (int)ExitCode.Agree;
        }
        if (verdict.New.Count > 0)
            await Console.Error.WriteLineAsync($"dmsim: if they are right, --accept takes them into {baseline}");
        return (int)(!verdict.IsGood ? verdict.IsGuestFailure ? ExitCode.GuestCrashed : ExitCode.Diverge
            : summary.Cancelled ? ExitCode.Interrupted : ExitCode.Agree);
    }
}
