using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration.Thin;

/// <summary>
/// The scenarios of tests/Property/Thin/SectionE on a real kernel, all in one boot: it answers as the files say, which the model
/// does too.
/// </summary>
[Category("kernel")]
public sealed class SectionETests
{
    private readonly Dictionary<string, string> _answers = [];

    private static string Thin(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DmSim.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "tests/Property/Thin", name);
    }

    private static IEnumerable<TestCaseData> Scenarios() => Directory.EnumerateFiles(Thin("SectionE"), "*.txt").Order()
        .Select(path => new TestCaseData(path).SetName(Path.GetFileNameWithoutExtension(path)));

    [OneTimeSetUp]
    public void Play_all_of_them()
    {
        Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        string scenarios = string.Concat(Directory.EnumerateFiles(Thin("SectionE"), "*.txt").Order().Select(path =>
            $"=== {Path.GetFileNameWithoutExtension(path)}\n{Commands(File.ReadAllText(path))}"));
        string script = folder.Write("section-e.sh", $"""
            cat > /tmp/record.sh <<'END OF RECORD'
            {File.ReadAllText(Thin("Transcripts/record.sh"))}
            END OF RECORD
            bash /tmp/record.sh - <<'END OF SCENARIOS'
            {scenarios}
            END OF SCENARIOS
            """);
        var (status, output, errors) = Dmsim.Run(null, "vm", script);
        Assert.That((status, errors), Is.EqualTo((0, "")));
        foreach (string part in output.Split("=== ", StringSplitOptions.RemoveEmptyEntries))
            _answers.Add(part[..part.IndexOf('\n')], part[(part.IndexOf('\n') + 1)..]);
    }

    /// <summary>What is asked, without the answers.</summary>
    private static string Commands(string transcript) =>
        string.Concat(transcript.Split('\n').Where(line => line.StartsWith('>') || line.StartsWith('#')).Select(line => line + "\n"));

    [TestCaseSource(nameof(Scenarios))]
    public void On_the_kernel(string path) =>
        Assert.That(_answers.GetValueOrDefault(Path.GetFileNameWithoutExtension(path)), Is.EqualTo(File.ReadAllText(path)));
}
