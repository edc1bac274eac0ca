using System.Text.RegularExpressions;

namespace DmSim.Cli.Lessons;

/// <summary>A paragraph of a lesson: what it says, and the commands that show it.</summary>
/// <param name="Text">One line, without the marks of a comment; empty when there is none.</param>
/// <param name="Commands">Lines of bash, each with its line feed; empty when the paragraph only says something.</param>
public sealed record LessonStep(string Text, string Commands);

/// <summary>
/// A script of examples/ as a lesson. Its head is a comment: "Lesson N: title" and an introduction; the commands below it, up to the first
/// empty line, are preparations that need no showing. Each paragraph after that is a step: a comment, then commands.
/// </summary>
/// <param name="File">"first-linear.sh".</param>
public sealed partial record Lesson(int Number, string Title, string File, string Introduction, string Preparation, IReadOnlyList<LessonStep> Steps)
{
    /// <exception cref="FormatException">The script's head is not that of a lesson.</exception>
    public static Lesson Parse(string file, string script)
    {
        string[] paragraphs = script.Split("\n\n");
        var (head, preparation) = Split(paragraphs[0]);
        if (Head().Match(head) is not { Success: true } match)
            throw new FormatException($"{file} does not begin with '# Lesson N: title'.");
        var steps = paragraphs[1..].Select(Split).Select(step => new LessonStep(Joined(step.Comment), step.Commands)).ToList();
        return new Lesson(int.Parse(match.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture),
            match.Groups["title"].Value, file, Joined(match.Groups["text"].Value), preparation, steps);
    }

    /// <summary>The comment lines at a paragraph's beginning, without their marks, and the rest.</summary>
    private static (string Comment, string Commands) Split(string paragraph)
    {
        string[] lines = paragraph.TrimEnd('\n').Split('\n');
        int comments = lines.TakeWhile(line => line.StartsWith('#')).Count();
        string comment = string.Join('\n', lines[..comments].Where(line => !line.StartsWith("#!", StringComparison.Ordinal)).Select(line => line[1..].Trim()));
        return (comment, string.Concat(lines[comments..].Select(line => line + "\n")));
    }

    private static string Joined(string lines) => string.Join(' ', lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The line that says how to run the script is for those who read the file.</summary>
    [GeneratedRegex(@"^Lesson (?<number>\d+): (?<title>.+)\n\n(?<text>(.+\n)*?)Runs as root .*$")]
    private static partial Regex Head();
}

/// <summary>The lessons that come with the program.</summary>
public static class LessonCatalog
{
    private const string Prefix = "lessons/";

    /// <summary>In the order in which a newcomer takes them.</summary>
    public static IReadOnlyList<Lesson> All { get; } = [.. Read().OrderBy(lesson => lesson.Number)];

    private static IEnumerable<Lesson> Read()
    {
        var assembly = typeof(LessonCatalog).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            yield return Lesson.Parse(name[Prefix.Length..], new StreamReader(stream).ReadToEnd());
        }
    }
}
