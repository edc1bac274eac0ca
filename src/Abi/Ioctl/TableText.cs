using System.Globalization;
using System.Text;

namespace DmSim.Abi;

/// <summary>
/// Tables as text, as dmsetup reads them from files and prints them: one line per target, "#" starts a comment, blank lines are
/// skipped, blanks around the words do not matter.
/// </summary>
public static class TableText
{
    /// <summary>Reads a table. False with the line's number (from 1) and what is wrong with it.</summary>
    public static bool TryParse(string text, out IReadOnlyList<TableLine> lines, out string reason)
    {
        var read = new List<TableLine>();
        lines = read;
        reason = "";
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (!TryParseLine(line, out var parsed, out string why))
            {
                reason = $"line {number}: {why}";
                return false;
            }
            if (parsed is not null)
                read.Add(parsed);
        }
        return true;
    }

    /// <summary>Reads one line; null for a blank one or a comment.</summary>
    public static bool TryParseLine(string text, out TableLine? line, out string reason)
    {
        line = null;
        reason = "";
        string rest = text.Trim(Blanks);
        if (rest.Length == 0 || rest[0] == '#')
            return true;
        if (!TryTakeNumber(ref rest, out ulong start))
            reason = "no start sector";
        else if (!TryTakeNumber(ref rest, out ulong length))
            reason = "no length";
        else if (!TryTakeWord(ref rest, out string type))
            reason = "no target type";
        else
        {
            int comment = rest.IndexOf('#', StringComparison.Ordinal);
            line = new TableLine(new Sectors(start), new Sectors(length), type, comment < 0 ? rest : rest[..comment]);
        }
        return reason.Length == 0;
    }

    /// <summary>One line per target, as "dmsetup table" prints them.</summary>
    public static string Print(IEnumerable<TableLine> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(line).Append('\n');
        return text.ToString();
    }

    // isspace in the C locale, except the newline that ends a line
    private static readonly char[] Blanks = [' ', '\t', '\v', '\f', '\r'];

    private static bool TryTakeWord(ref string rest, out string word)
    {
        int end = rest.IndexOfAny(Blanks);
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? "" : rest[end..].TrimStart(Blanks);
        return word.Length > 0;
    }

    /// <summary>
    /// A number as %llu takes it: it ends at the first character that is no digit, so that "8linear" is a number and a word;
    /// a sign is taken, and what does not fit becomes the largest.
    /// </summary>
    private static bool TryTakeNumber(ref string rest, out ulong number)
    {
        int at = 0;
        bool negative = false;
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            negative = rest[0] == '-';
            at = 1;
        }
        int digits = at;
        while (at < rest.Length && char.IsAsciiDigit(rest[at]))
            at++;
        number = 0;
        if (at == digits)
            return false;
        if (!ulong.TryParse(rest.AsSpan(digits, at - digits), NumberStyles.None, CultureInfo.InvariantCulture, out number))
            number = ulong.MaxValue;
        else if (negative)
            number = unchecked(0 - number);
        rest = rest[at..].TrimStart(Blanks);
        return true;
    }
}
