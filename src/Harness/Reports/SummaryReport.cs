using System.Globalization;
using System.Text;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Running;

namespace DmSim.Harness.Reports;

/// <summary>A campaign in a few lines.</summary>
public static class SummaryReport
{
    public static string Write(ConformanceSummary summary) => Write(ConformResult.Of(summary, Shard.Whole, stopsAtDivergence: false));

    public static string Write(ConformResult summary)
    {
        var f = summary.Figures;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{summary.Kernel}\nagainst {summary.Model}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"  {f.Cases} cases, {f.Steps} steps compared in {f.Elapsed.TotalSeconds:F1} s: {f.CasesPerSecond:F1} cases/s, {f.StepsPerSecond:F0} steps/s");
        if (summary.FirstStepAfter is { } first)
            text.Append(CultureInfo.InvariantCulture, $", first step after {first.TotalSeconds:F1} s");
        text.Append(CultureInfo.InvariantCulture, $"\n  {f.Divergences} divergences, {f.GuestFailures} guest failures, {f.ModelFailures} model failures\n");
        text.Append(CultureInfo.InvariantCulture, $"  allowed outcomes per step {f.MeanAllowedOutcomes:F3}, rules used: {Rules(summary)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  kinds of answers seen (operation, errno): {summary.Answers.Count}\n");
        if (summary.Metadata is { Compared: > 0 } m)
        {
            text.Append(CultureInfo.InvariantCulture, $"  metadata left by pools: {m.SameMeaning} of {m.Compared} images equal to thin_dump, ");
            text.Append(CultureInfo.InvariantCulture, $"{m.Checked} seen by thin_check, {m.Spoilt} with foreign writes (only compared)\n");
        }
        text.Append(CultureInfo.InvariantCulture,
            $"  {f.Cases - f.TidiedCases} cases from the saved state, {f.TidiedCases} in a guest that had put everything back itself and checked it\n");
        if (summary.Losses > 0)
            text.Append(CultureInfo.InvariantCulture, $"  {summary.Losses} times a VM was gone without a word, as when it is killed: its case was run again\n");
        if (summary.OnlyOnTidied.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"  {summary.OnlyOnTidied.Count} differed only in such a guest, and agree from the saved state:\n");
        foreach (var noted in summary.OnlyOnTidied)
            text.Append(CultureInfo.InvariantCulture, $"    {noted.Case}: {noted.Says}\n");
        if (summary.Cancelled)
            text.Append("  stopped before the end\n");
        foreach (var noted in summary.Noted)
            text.Append(CultureInfo.InvariantCulture, $"  {noted.Case}: {noted.Says}\n");
        return text.ToString();
    }

    private static string Rules(ConformResult summary)
    {
        var used = summary.RuleUses.Where(use => use.Uses > 0).Select(use => $"{use.Rule} {use.Uses}").ToArray();
        string all = string.Create(CultureInfo.InvariantCulture, $"{used.Length} of {summary.RuleUses.Count}");
        return used.Length == 0 ? all : $"{all} ({string.Join(", ", used)})";
    }

    /// <summary>How a case that did not agree ended, in one line.</summary>
    public static string Describe(CaseResult result) => result switch
    {
        Diverged d => $"diverges in {d.Divergence.Signature} at step {d.Divergence.Last.Context.Step}",
        GuestFailed { Step: >= 0 } g => $"guest {Kind(g)} in step {g.Step} ({g.Reference.Steps[g.Step].Context}): {g.Failure.Summary}",
        GuestFailed g => $"guest {Kind(g)}: {g.Failure.Summary}",
        ModelFailed m => $"model threw in step {m.Failure.Step} ({m.Failure.Operation}): {m.Failure.Exception.Message}",
        BadMetadata b => $"leaves bad metadata: {b.Complaint}",
        _ => "agrees",
    };

    private static string Kind(GuestFailed failed) => failed.Failure.Kind switch
    {
        Abi.GuestFailureKind.Crash => "crashed",
        Abi.GuestFailureKind.Hang => "fell silent",
        Abi.GuestFailureKind.Lost => "was lost",
        _ => "did not boot",
    };
}
