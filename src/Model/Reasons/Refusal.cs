using DmSim.Abi;

namespace DmSim.Model.Reasons;

/// <summary>A request that was refused, and why.</summary>
/// <param name="Command">Which it was; meaningless when the request was none of the control node's.</param>
/// <param name="Lines">What the kernel logged meanwhile.</param>
/// <param name="Sentence">Cause and remedy, in plain words, without a full stop.</param>
public sealed record Refusal(DmCommand Command, Errno Errno, IReadOnlyList<LogLine> Lines, string Sentence)
{
    /// <summary>
    /// The sentence for a refusal of any machine: from the log line that says most, else from command and errno.
    /// </summary>
    /// <param name="facts">"name" of the device; "line" and "words" of the table line that was refused; "users" of a device in use;
    /// "message". What is missing reads as "it".</param>
    public static Refusal Of(DmCommand command, Errno errno, IReadOnlyList<LogLine> lines, IReadOnlyDictionary<string, string> facts) =>
        new(command, errno, lines, OfLines(lines, facts) ?? OfErrno(command, errno, facts));

    /// <summary>The sentence for lines of the log, whatever they belong to; null when no line is a known one.</summary>
    public static string? OfLines(IReadOnlyList<LogLine> lines, IReadOnlyDictionary<string, string> facts)
    {
        string? general = null;
        foreach (var line in lines)
        {
            if (ReasonTable.Find(line.Text) is not { } reason)
                continue;
            string? sentence = reason.TryExplain(ReasonTable.Strip(line.Text), facts);
            if (!reason.IsGeneral)
                return sentence;
            general ??= sentence;
        }
        return general;
    }

    private static string OfErrno(DmCommand command, Errno errno, IReadOnlyDictionary<string, string> facts)
    {
        string sentence = SilentReasons.Find(command, errno, facts.GetValueOrDefault("message"))
            ?? $"the kernel answered {errno} and logged nothing";
        return Reason.Fill(sentence, facts.GetValueOrDefault);
    }
}
