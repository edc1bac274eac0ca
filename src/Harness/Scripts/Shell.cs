using System.Globalization;
using System.Text;

namespace DmSim.Harness.Scripts;

/// <summary>Words for bash.</summary>
internal static class Shell
{
    /// <summary>A word that bash reads as exactly this text.</summary>
    public static string Word(string text)
    {
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or ',' or '+' or '@' or '%'))
            return text;
        if (text.All(c => c is >= ' ' and <= '~'))
            return "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        var word = new StringBuilder("$'");
        foreach (char c in text)
        {
            if (c is '\'' or '\\')
                word.Append('\\').Append(c);
            else if (c is >= ' ' and <= '~')
                word.Append(c);
            else
                word.Append(CultureInfo.InvariantCulture, $"\\x{(int)c & 0xff:x2}");
        }
        return word.Append('\'').ToString();
    }

    /// <summary>Text of a here-document whose variables are expanded: what bash would take for more is escaped.</summary>
    public static string InHereDocument(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal)
            .Replace("$", "\\$", StringComparison.Ordinal);
}
