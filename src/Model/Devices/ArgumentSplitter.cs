using System.Text;
using DmSim.Model.Machine;

namespace DmSim.Model.Devices;

/// <summary>dm_split_args (drivers/md/dm-table.c, 6.1): words between blanks; a backslash takes the next character as it is.</summary>
public static class ArgumentSplitter
{
    /// <summary>
    /// Splits text up to its zero byte (or its end). Works in place as the kernel does: words are unescaped where they stand and
    /// get a zero byte behind them.
    /// </summary>
    public static string[] Split(Span<byte> text)
    {
        List<string>? words = null;
        string? only = null;
        for (int end = 0; ;)
        {
            while (end < text.Length && KernelChars.IsSpace(text[end]))
                end++;
            if (end >= text.Length || text[end] == 0)
                break;
            int start = end, put = end;
            while (end < text.Length && text[end] != 0 && !KernelChars.IsSpace(text[end]))
            {
                if (text[end] == '\\' && end + 1 < text.Length && text[end + 1] != 0)
                    end++;
                text[put++] = text[end++];
            }
            bool more = end < text.Length && text[end] != 0;
            string word = Encoding.Latin1.GetString(text[start..put]);
            if (put < text.Length)
                text[put] = 0;
            if (more)
                end++;
            if (only is null)
                only = word;
            else
                (words ??= [only]).Add(word);
        }
        return words is not null ? [.. words] : only is not null ? [only] : [];
    }
}
