using System.Text;
using System.Text.RegularExpressions;
using DmSim.Property.Architecture;

namespace DmSim.Property.Reasons;

/// <summary>A text that the model prints into the kernel's log or gives as the reason of a refused table line.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Text">With a 0 in the place of each inserted value.</param>
/// <param name="Type">The target type whose file it stands in, or null.</param>
internal sealed record KernelText(string Place, string Text, string? Type)
{
    public override string ToString() => $"{Place}: {Text}";
}

/// <summary>All of them, read out of the model's source: what is added there is seen here.</summary>
internal static partial class KernelTexts
{
    public static IEnumerable<KernelText> All() => Repository.CSharp
        .Where(file => file.IsIn("src/Model") && !file.IsIn("src/Model/Reasons")).SelectMany(In);

    private static IEnumerable<KernelText> In(SourceFile file)
    {
        string? type = TypeName().Match(file.Text) is { Success: true } match && file.IsIn("src/Model/Targets") ? match.Groups[1].Value : null;
        foreach (Match call in Call().Matches(file.Text))
        {
            if (Literal(file.Text, call.Index + call.Length) is { Length: > 0 } text)
                yield return new KernelText($"{file.Path}:{file.Text.AsSpan(0, call.Index).Count('\n') + 1}", text, type);
        }
    }

    /// <summary>The string that begins at a quote, with what is added to it by "+".</summary>
    private static string Literal(string source, int at)
    {
        var text = new StringBuilder();
        while (true)
        {
            bool interpolated = source[at] == '$';
            at += interpolated ? 2 : 1;
            for (int depth = 0; source[at] != '"' || depth > 0; at++)
            {
                if (interpolated && source[at] == '{')
                {
                    if (depth++ == 0)
                        text.Append('0');
                }
                else if (interpolated && source[at] == '}')
                    depth--;
                else if (depth == 0 && source[at] == '\\')
                    text.Append(source[++at] == 'n' ? '\n' : source[at]);
                else if (depth == 0)
                    text.Append(source[at]);
            }
            var more = Added().Match(source, at + 1);
            if (!more.Success)
                return text.ToString();
            at += 1 + more.Length - (more.Value[^2] == '$' ? 2 : 1);
        }
    }

    // Up to the text: a refusal, a line of the log, a rule for a number.
    [GeneratedRegex(@"(?:\bRefuse\((?:[\w.]+, )?|\b_?[lL]og\.(?:Err|Warn|Crit|Info)\((?:""[\w ]+""|[\w.]+),\s*"
        + @"|\bErrLimited\(""\w+"", \d, [\w.]+, |\b(?:Log|RateLimits)\.Write\((?:""\w+"", )?\d, |\bLogLimited\(""\w+"", \d, "
        + @"|\bArgumentRule \w+ = new\([^""\n]*|\berror = |\bWarn\([\w.]+, |=> return |\bUnlessPassdownAlone\(\w+, )(?=\$?"")")]
    private static partial Regex Call();

    [GeneratedRegex(@"\G\s*\+\s*\$?""")]
    private static partial Regex Added();

    [GeneratedRegex(@"string Name => ""([\w-]+)""")]
    private static partial Regex TypeName();
}
