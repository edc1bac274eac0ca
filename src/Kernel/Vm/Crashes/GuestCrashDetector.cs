using System.Text.RegularExpressions;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Reads a kernel's log line by line (from the console or from /dev/kmsg) and notices crashes. Lines may carry dmesg's time stamp.
/// </summary>
public sealed partial class GuestCrashDetector
{
    private const int LongestReport = 150;

    private readonly List<(CrashPatterns.Pattern Pattern, Match Match, List<string> Lines)> _reports = [];
    private bool _reading;

    /// <summary>The first crash after which the kernel cannot be trusted; else the first warning; null when all is well.</summary>
    public GuestCrash? Crash => All.FirstOrDefault(c => c.IsFatal) ?? All.FirstOrDefault();

    /// <summary>Every report so far. The last may still be growing.</summary>
    public IEnumerable<GuestCrash> All => _reports.Select(r => new GuestCrash(r.Pattern.Family, Title(r), [.. r.Lines]));

    public void Reset()
    {
        _reports.Clear();
        _reading = false;
    }

    public void Add(string line)
    {
        line = Prefix().Replace(line, "");
        if (_reading)
        {
            // Until its end mark, whatever matches (Oops after BUG, panic after Oops) belongs to the same report.
            var lines = _reports[^1].Lines;
            lines.Add(line);
            _reading = lines.Count < LongestReport && !line.StartsWith("---[ end ", StringComparison.Ordinal);
            return;
        }
        if (Recognise(line) is not { } found)
            return;
        // The panic that follows an oops's end mark is no second crash.
        if (found.Pattern.Family == CrashFamily.Panic && _reports.Count > 0 && line.Contains("Fatal exception", StringComparison.Ordinal))
            return;
        _reports.Add((found.Pattern, found.Match, [line]));
        _reading = true;
    }

    /// <summary>The kind of complaint that one line is; <see cref="CrashFamily.None"/> for an ordinary line.</summary>
    public static CrashFamily Classify(string line) => Recognise(Prefix().Replace(line, ""))?.Pattern.Family ?? CrashFamily.None;

    /// <summary>Whether a function on a stack can be the one at fault, or only reports and waits.</summary>
    public static bool MayBeAtFault(string function) => !CrashPatterns.Uninteresting.Contains(function);

    private static (CrashPatterns.Pattern Pattern, Match Match)? Recognise(string line)
    {
        foreach (var pattern in CrashPatterns.All)
        {
            if (pattern.Start.Match(line) is { Success: true } match)
                return (pattern, match);
        }
        return null;
    }

    private static string Title((CrashPatterns.Pattern Pattern, Match Match, List<string> Lines) report)
    {
        string what = Numbers().Replace(report.Match.Result(report.Pattern.Title).Trim(), "N");
        return Culprit(report.Lines) is { } function ? $"{what} in {function}" : what;
    }

    /// <summary>
    /// The function at fault: where the CPU stood, unless that is only a reporter; then the first frame of the trace that counts.
    /// </summary>
    private static string? Culprit(List<string> lines)
    {
        foreach (string line in lines)
        {
            var match = Frame().Match(line);
            if (!match.Success)
                continue;
            string function = Suffix().Replace(match.Groups["function"].Value, "");
            if (!CrashPatterns.Uninteresting.Contains(function))
                return function;
        }
        return null;
    }

    /// <summary>"&lt;4&gt;", "[    1.234567] ", "[    T42] ", "[  C0] ", as the console's settings have it.</summary>
    [GeneratedRegex(@"^(?:<\d+>)?(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?)?")]
    private static partial Regex Prefix();

    /// <summary>RIP: 0010:function+0x1/0x2 [module], or a stack frame that the unwinder is sure of (no question mark).</summary>
    [GeneratedRegex(@"^(?:RIP: [0-9a-f]{4}:| +(?:\[<[0-9a-f]+>\] )?|WARNING: CPU: \d+ PID: \d+ at \S+ )(?<function>[A-Za-z_][\w.]*)\+0x[0-9a-f]+/0x[0-9a-f]+")]
    private static partial Regex Frame();

    [GeneratedRegex(@"\.(?:isra|constprop|part|cold|llvm)\b.*$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"\b(?:0x)?[0-9a-f]{6,}\b|\b\d+\b")]
    private static partial Regex Numbers();
}
