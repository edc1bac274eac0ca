using System.Globalization;
using System.Text;

namespace DmSim.Harness.Operations;

/// <summary>Words of the one-line text form: bare when nothing in them could be mistaken, otherwise in double quotes.</summary>
public static class Quoting
{
    /// <summary>The value as one word; control characters and anything past ASCII become \xHH (text is Latin-1).</summary>
    public static string Quote(string value)
    {
        if (IsBare(value))
            return value;
        var text = new StringBuilder("\"", value.Length + 8);
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c == '\n')
                text.Append("\\n");
            else if (c is >= ' ' and <= '~')
                text.Append(c);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{(c <= 0xff ? (int)c : '?'):x2}");
        }
        return text.Append('"').ToString();
    }

    private static bool IsBare(string value)
    {
        foreach (char c in value)
        {
            if (c is <= ' ' or > '~' or '"' or '\\' or '#' or '=')
                return false;
        }
        return value.Length > 0;
    }

    /// <summary>
    /// Splits a line into words and "key=value" pairs at blanks; a value in quotes is unquoted. Null, with the reason, when a quote
    /// is left open or an escape is unknown.
    /// </summary>
    public static List<(string Key, string? Value)>? Split(string line, out string? error)
    {
        var words = new List<(string, string?)>();
        error = null;
        int i = 0;
        while (true)
        {
            while (i < line.Length && line[i] is ' ' or '\t')
                i++;
            if (i >= line.Length || line[i] == '#')
                return words;
            int start = i;
            while (i < line.Length && line[i] is not (' ' or '\t' or '='))
                i++;
            string key = line[start..i];
            if (i >= line.Length || line[i] != '=')
            {
                words.Add((key, null));
                continue;
            }
            i++;
            string? value = ReadValue(line, ref i, out error);
            if (value is null)
                return null;
            words.Add((key, value));
        }
    }

    /// <summary>Reads one value at <paramref name="i"/> and moves past it; null with the reason when it is malformed.</summary>
    public static string? ReadValue(string line, ref int i, out string? error)
    {
        error = null;
        if (i >= line.Length || line[i] != '"')
        {
            int start = i;
            while (i < line.Length && line[i] is not (' ' or '\t'))
                i++;
            return line[start..i];
        }
        var text = new StringBuilder();
        for (i++; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"')
            {
                i++;
                return text.ToString();
            }
            if (c != '\\')
                text.Append(c);
            else if (!ReadEscape(line, ref i, text))
            {
                error = $"unknown escape at column {i + 1}";
                return null;
            }
        }
        error = "a quote is not closed";
        return null;
    }

    private static bool ReadEscape(string line, ref int i, StringBuilder text)
    {
        i++;
        char c = i < line.Length ? line[i] : '\0';
        if (c is '"' or '\\')
            text.Append(c);
        else if (c == 'n')
            text.Append('\n');
        else if (c == 'x' && i + 2 < line.Length && byte.TryParse(
            line.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
        {
            text.Append((char)value);
            i += 2;
        }
        else
            return false;
        return true;
    }
}
