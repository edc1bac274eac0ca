using System.Text.RegularExpressions;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Matrix;

/// <summary>
/// What of a difference is the same in every case that has it: errnos, names of flags and limits, a line of the log without its
/// numbers. It keeps apart what the field alone would lump together.
/// </summary>
public static partial class DifferenceDetail
{
    private const int MaxLength = 90;

    public static string Of(Field field, string? older, string? newer) => field switch
    {
        Field.Errno or Field.OpenErrno or Field.LookErrno or Field.Progress => $"{older ?? "ok"}->{newer ?? "ok"}",
        Field.Flags => Words(older, newer, '|'),
        Field.Limits => Keys(older, newer),
        Field.Table or Field.Inactive or Field.Status or Field.InactiveStatus => TargetType(older, newer),
        Field.Log or Field.LogOfLooking or Field.Uevents => Lines(older, newer),
        _ => older is null ? "+" : newer is null ? "-" : "",
    };

    /// <summary>Words that only one side has: "-A +B".</summary>
    private static string Words(string? older, string? newer, char separator)
    {
        string[] before = Split(older, separator), after = Split(newer, separator);
        return Cut(string.Join(' ', [.. before.Except(after).Select(word => "-" + word), .. after.Except(before).Select(word => "+" + word)]));
    }

    private static string[] Split(string? text, char separator) => text?.Split(separator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Names of the limits that differ; "plain" stands for a device that has only usual ones.</summary>
    private static string Keys(string? older, string? newer)
    {
        string[] before = Split(older, ' '), after = Split(newer, ' ');
        return string.Join(' ', before.Except(after).Concat(after.Except(before)).Select(word => word.Split('=')[0]).Where(key => key != "plain")
            .Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The type in the first line of a table that differs ("start length type …").</summary>
    private static string TargetType(string? older, string? newer)
    {
        string[] before = Split(older, '\n'), after = Split(newer, '\n');
        string? line = after.Except(before).Concat(before.Except(after)).FirstOrDefault();
        string[] words = Split(line, ' ');
        return words.Length > 2 ? words[2] : older is null ? "+" : newer is null ? "-" : "";
    }

    /// <summary>The first line that only one side has, on either side.</summary>
    private static string Lines(string? older, string? newer)
    {
        string[] before = [.. Split(older, '\n').Select(WithoutNumbers)], after = [.. Split(newer, '\n').Select(WithoutNumbers)];
        string? lost = before.Except(after).FirstOrDefault(), gained = after.Except(before).FirstOrDefault();
        if (lost is null && gained is null)
            return before.Length == after.Length ? "(numbers or order)" : "(how often)";
        return lost is null ? "+" + Cut(gained!) : gained is null ? "-" + Cut(lost) : $"-{Cut(lost)} +{Cut(gained)}";
    }

    /// <summary>
    /// "dm-3", "7:2", sizes and addresses become "N". The level at the head of a line of the log ("&lt;3&gt;") stays: it is the same in
    /// every case.
    /// </summary>
    public static string WithoutNumbers(string line)
    {
        int level = line.Length > 2 && line[0] == '<' && line[2] == '>' ? 3 : 0;
        return line[..level] + Number().Replace(line[level..], "N");
    }

    /// <summary>Addresses first: 16 digits with letters among them, or 0x….</summary>
    [GeneratedRegex("0x[0-9a-f]+|[0-9a-f]{16}|[0-9]+")]
    private static partial Regex Number();

    private static string Cut(string text) => text.Length <= MaxLength ? text : text[..MaxLength];
}
