using System.Globalization;
using System.Text;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Harness.Scripts;

namespace DmSim.Harness.Reports;

/// <summary>Where the files of a divergence are, for the commands that the report names.</summary>
/// <param name="Operations">The .ops file; null when none was written.</param>
/// <param name="Script">The exported script; null when none was written.</param>
/// <param name="KernelTag">What "--kernel" takes.</param>
public sealed record DivergenceFiles(string? Operations, string? Script, string KernelTag);

/// <summary>A divergence on one screen: what was done, where and how the machines differ, how to see it again.</summary>
public static class DivergenceReport
{
    /// <summary>Steps before the divergence that are shown; of a longer sequence the middle is left out.</summary>
    private const int MaxSteps = 18;

    private const int Width = 116;

    public static string Write(Divergence divergence, DivergenceFiles files) => WriteScreen(divergence) + WriteCommands(files);

    /// <summary>The report without the commands that replay it.</summary>
    public static string WriteScreen(Divergence divergence)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"divergence  {divergence.Signature}  at step {divergence.Last.Context.Step}\n");
        text.Append("  case    ").Append(divergence.Case).Append('\n');
        text.Append("  kernel  ").Append(divergence.Kernel).Append('\n');
        text.Append("  model   ").Append(divergence.Model).Append("\n\n");
        WriteSteps(text, divergence);
        text.Append('\n');
        foreach (var difference in divergence.Verdict.Differences)
            WriteDifference(text, difference);
        if (divergence.Note is { } note)
            text.Append("  note    ").Append(note).Append('\n');
        WriteRules(text, divergence);
        if (KernelSources.For(divergence.Last.Context.Verb) is { } source)
            text.Append("  see     ").Append(source).Append('\n');
        return text.ToString();
    }

    private static void WriteSteps(StringBuilder text, Divergence divergence)
    {
        foreach (var loop in divergence.Sequence.Loops)
            text.Append("      ").Append(Cut(ScriptExport.OneLine(loop.Attach))).Append('\n');
        var steps = divergence.Steps.Where(s => s.Context.Operation is not null || s == divergence.Last).ToArray();
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps.Length > MaxSteps && i == MaxSteps / 2)
            {
                int left = steps.Length - MaxSteps;
                text.Append(CultureInfo.InvariantCulture, $"      … {left} more, all agreed …\n");
                i += left;
            }
            WriteStep(text, steps[i], isLast: i == steps.Length - 1);
        }
    }

    private static void WriteStep(StringBuilder text, ComparedStep step, bool isLast)
    {
        string mark = isLast ? ">>>" : "   ";
        string what = step.Context.Operation is { } operation ? ScriptExport.OneLine(operation) : step.Context.Verb;
        string model = Result(step.Model), kernel = Result(step.Kernel);
        string how = model == kernel ? model : $"model {model}, kernel {kernel}";
        text.Append(CultureInfo.InvariantCulture, $"{mark}{step.Context.Step,3}  ");
        string line = Cut(what, Width - 12 - how.Length);
        text.Append(line.PadRight(Math.Max(line.Length, Width - 10 - how.Length))).Append("  ").Append(how).Append('\n');
    }

    private static string Result(StepOutcome outcome) =>
        outcome.OfOperation(Field.Progress) ?? outcome.OfOperation(Field.OpenErrno) ?? outcome.OfOperation(Field.Errno) ?? "ok";

    /// <summary>Values of one line side by side, lists line by line with what only one side has.</summary>
    private static void WriteDifference(StringBuilder text, Difference difference)
    {
        text.Append("  ").Append(difference.Subject).Append(' ').Append(difference.Field.NameOf()).Append('\n');
        string[] ours = Lines(difference.Model), theirs = Lines(difference.Kernel);
        if (ours.Length <= 1 && theirs.Length <= 1)
        {
            text.Append("    model   ").Append(ours.Length == 0 ? "(none)" : Cut(ours[0])).Append('\n');
            text.Append("    kernel  ").Append(theirs.Length == 0 ? "(none)" : Cut(theirs[0])).Append('\n');
        }
        else
        {
            foreach (var (side, line) in LineDiff.Compare(ours, theirs))
                text.Append("    ").Append(side).Append(' ').Append(Cut(line)).Append('\n');
        }
    }

    private static string[] Lines(string? value) => value is null ? [] : value.Split('\n');

    private static void WriteRules(StringBuilder text, Divergence divergence)
    {
        var allowed = divergence.Verdict.Allowed;
        text.Append("  rule    ").Append(allowed.Count == 0 ? "no allowed-outcome rule covers this step" : "none covers this; in the same step these were needed:").Append('\n');
        foreach (var difference in allowed)
            text.Append("          ").Append(difference.Rule.Name).Append(" (").Append(difference.Rule.Source).Append(")\n");
    }

    /// <summary>The commands that replay it, with the files that there are.</summary>
    public static string WriteCommands(DivergenceFiles files)
    {
        var text = new StringBuilder();
        if (files.Operations is { } operations)
        {
            text.Append("\n  replay on the model    scripts/dmsim replay ").Append(operations).Append(" --on model\n");
            text.Append("  replay on the kernel   scripts/dmsim replay ").Append(operations).Append(" --on vm --kernel ").Append(files.KernelTag).Append('\n');
        }
        if (files.Script is { } script)
            text.Append("  as a script            scripts/dmsim vm --kernel ").Append(files.KernelTag).Append(' ').Append(script).Append('\n');
        return text.ToString();
    }

    private static string Cut(string text, int width = Width - 12)
    {
        string line = text.Replace("\n", "\\n", StringComparison.Ordinal);
        return line.Length <= width ? line : string.Concat(line.AsSpan(0, Math.Max(1, width - 1)), "…");
    }
}
