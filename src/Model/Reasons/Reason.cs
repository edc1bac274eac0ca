using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DmSim.Model.Reasons;

/// <summary>
/// Why the kernel says what it says, in plain words: what is wrong, and what helps. The text is a line of the kernel's log with its
/// parts in braces, "{device} too small for target: start={start}, …"; the sentence names them again, and may add two: "{start+len}".
/// </summary>
public sealed partial class Reason
{
    private readonly Regex _pattern;

    /// <param name="text">The line behind "device-mapper: ", as the kernel prints it.</param>
    /// <param name="sentence">Cause, colon, remedy; without a full stop.</param>
    public Reason(string text, string sentence)
    {
        Text = text;
        Sentence = sentence;
        string pattern = PartInRegex().Replace(Regex.Escape(text), match => $"(?<{match.Groups[1].Value}>.*?)");
        _pattern = new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public string Text { get; }
    public string Sentence { get; }

    /// <summary>It only says that there was an error; the line before it says which.</summary>
    public bool IsGeneral { get; init; }

    /// <summary>The sentence for a line, or null when the line is another.</summary>
    /// <param name="line">Behind "device-mapper: ".</param>
    /// <param name="facts">What else is known, by name.</param>
    public string? TryExplain(string line, IReadOnlyDictionary<string, string> facts)
    {
        var match = _pattern.Match(line);
        if (!match.Success)
            return null;
        return Fill(Sentence, name => match.Groups[name] is { Success: true, Value: var value } ? value : facts.GetValueOrDefault(name));
    }

    /// <summary>Whether the line is one of this text.</summary>
    public bool Covers(string line) => _pattern.IsMatch(line);

    /// <summary>Puts what is known in the place of "{name}" and "{one+other}"; what is not known is left as "it".</summary>
    internal static string Fill(string sentence, Func<string, string?> find) => PartOfSentence().Replace(sentence, match =>
    {
        string[] names = match.Groups[1].Value.Split('+');
        if (names.Length == 1)
            return find(names[0]) ?? "it";
        UInt128 sum = 0;
        foreach (string name in names)
            sum += UInt128.TryParse(find(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        return sum.ToString(CultureInfo.InvariantCulture);
    });

    // Regex.Escape puts a backslash before the opening brace only.
    [GeneratedRegex(@"\\\{(\w+)\}")]
    private static partial Regex PartInRegex();

    [GeneratedRegex(@"\{([\w+]+)\}")]
    private static partial Regex PartOfSentence();
}
