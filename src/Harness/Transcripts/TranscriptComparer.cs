using System.Text.RegularExpressions;
using DmSim.Harness.Reports;

namespace DmSim.Harness.Transcripts;

/// <summary>Compares what one script wrote on two machines, and shows where it differs.</summary>
public static partial class TranscriptComparer
{
    private const int Context = 2;

    /// <summary>What varies from run to run on the real thing as well, and stands for what.</summary>
    public static IReadOnlyList<(string What, Regex Pattern, string Instead)> Normalisations { get; } =
    [
        ("the time stamps of dmesg", LogStamp(), "[ TIME] "),
        ("the seconds and the rate that dd prints", CopySpeed(), "copied, TIME"),
        ("which of a kernel's workers it was", WorkerNumber(), "kworker/$1:N"),
        ("into how many pieces of memory a program's buffer falls (16 and 4 by turns for the same dd)", MemoryPieces(), "phys_seg N"),
    ];

    public static string Normalise(string text) =>
        Normalisations.Aggregate(text, (current, rule) => rule.Pattern.Replace(current, rule.Instead));

    /// <summary>The differing lines with some around them, the model's left and the kernel's right; empty when they agree.</summary>
    public static IReadOnlyList<string> Compare(Transcript model, Transcript kernel, int width)
    {
        var lines = new List<string>();
        AddPart(lines, "standard output", model.Output, kernel.Output, width);
        AddPart(lines, "standard error", model.Errors, kernel.Errors, width);
        if (model.Status != kernel.Status)
            lines.AddRange(["exit status", Row(model.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), '|',
                kernel.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), width)]);
        return lines;
    }

    private static void AddPart(List<string> lines, string title, string model, string kernel, int width)
    {
        string[] left = Normalise(model).Split('\n'), right = Normalise(kernel).Split('\n');
        if (left.SequenceEqual(right))
            return;
        lines.Add(title);
        var all = Pair(LineDiff.Compare(left, right)).ToList();
        var shown = new HashSet<int>();
        for (int i = 0; i < all.Count; i++)
            if (all[i].Sign != ' ')
                shown.UnionWith(Enumerable.Range(i - Context, 2 * Context + 1));
        bool gap = false;
        for (int i = 0; i < all.Count; i++)
        {
            if (!shown.Contains(i))
            {
                gap = true;
                continue;
            }
            if (gap && i > 0)
                lines.Add("  …");
            gap = false;
            lines.Add(Row(all[i].Left, all[i].Sign, all[i].Right, width));
        }
    }

    /// <summary>A run of lines that only the model has and one that only the kernel has stand side by side.</summary>
    private static IEnumerable<(string Left, char Sign, string Right)> Pair(IEnumerable<(char Side, string Line)> diff)
    {
        var left = new Queue<string>();
        var right = new Queue<string>();
        foreach (var (side, line) in diff)
        {
            if (side == '-')
                left.Enqueue(line);
            else if (side == '+')
                right.Enqueue(line);
            if (side != ' ')
                continue;
            foreach (var row in Rest(left, right))
                yield return row;
            yield return (line, ' ', line);
        }
        foreach (var row in Rest(left, right))
            yield return row;
    }

    private static IEnumerable<(string Left, char Sign, string Right)> Rest(Queue<string> left, Queue<string> right)
    {
        while (left.Count > 0 || right.Count > 0)
        {
            char sign = left.Count == 0 ? '>' : right.Count == 0 ? '<' : '|';
            yield return (left.TryDequeue(out string? l) ? l : "", sign, right.TryDequeue(out string? r) ? r : "");
        }
    }

    private static string Row(string left, char sign, string right, int width)
    {
        int column = Math.Max(20, (width - 5) / 2);
        string cut = left.Length > column ? left[..(column - 1)] + "…" : left;
        return $"  {cut.PadRight(column)} {sign} {right}".TrimEnd();
    }

    [GeneratedRegex(@"^\[ *\d+\.\d{6}\] ", RegexOptions.Multiline)]
    private static partial Regex LogStamp();

    [GeneratedRegex(@"kworker/(u?[0-9]+):[0-9]+")]
    private static partial Regex WorkerNumber();

    [GeneratedRegex(@"phys_seg [1-9][0-9]*")]
    private static partial Regex MemoryPieces();

    [GeneratedRegex(@"copied, [0-9.e+-]+ s, .*$", RegexOptions.Multiline)]
    private static partial Regex CopySpeed();
}
