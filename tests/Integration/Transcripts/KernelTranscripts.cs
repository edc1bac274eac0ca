using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration.Transcripts;

/// <summary>Plays transcripts of tests/Property on a real kernel, all in one boot.</summary>
internal sealed class KernelTranscripts
{
    private static readonly string Tests = Path.Combine(ScriptCorpusTests.Root, "tests/Property");

    private readonly Dictionary<string, string> _answers = [];

    /// <param name="folder">Below tests/Property.</param>
    /// <param name="pattern">Names of files.</param>
    public static IEnumerable<string> Find(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Tests, folder), pattern).Order();

    public static IEnumerable<TestCaseData> Scenarios(string folder, string pattern) =>
        Find(folder, pattern).Select(path => new TestCaseData(path).SetName(Path.GetFileNameWithoutExtension(path)));

    public static KernelTranscripts Play(IEnumerable<string> paths)
    {
        Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        string scenarios = string.Concat(paths.Select(path => $"=== {Path.GetFileNameWithoutExtension(path)}\n{Commands(File.ReadAllText(path))}"));
        string script = folder.Write("transcripts.sh", $"""
            cat > /tmp/record.sh <<'END OF RECORD'
            {File.ReadAllText(Path.Combine(Tests, "Thin/Transcripts/record.sh"))}
            END OF RECORD
            bash /tmp/record.sh - <<'END OF SCENARIOS'
            {scenarios}
            END OF SCENARIOS
            """);
        var (status, output, errors) = Dmsim.Run(null, "vm", script);
        Assert.That((status, errors), Is.EqualTo((0, "")));
        var played = new KernelTranscripts();
        foreach (string part in output.Split("=== ", StringSplitOptions.RemoveEmptyEntries))
            played._answers.Add(part[..part.IndexOf('\n')], part[(part.IndexOf('\n') + 1)..]);
        return played;
    }

    /// <summary>What is asked, without the answers.</summary>
    private static string Commands(string transcript) =>
        string.Concat(transcript.Split('\n').Where(line => line.StartsWith('>') || line.StartsWith('#')).Select(line => line + "\n"));

    /// <summary>The transcript with the kernel's answers; null when it was not played.</summary>
    public string? Of(string path) => _answers.GetValueOrDefault(Path.GetFileNameWithoutExtension(path));
}
