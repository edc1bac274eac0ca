using System.Text;
using DmSim.Harness.Transcripts;
using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration;

/// <summary>
/// The scripts of tests/Integration/Scripts on a simulated machine, against what a real kernel printed. Its transcripts lie in the folder
/// of its tag; `dmsim diff --keep DIR tests/Integration/Scripts/*.sh` writes them anew into DIR/kernel.
/// </summary>
public sealed class ScriptCorpusTests
{
    private const string Tag = "6.1";

    internal static readonly string Root = FindRoot();

    private static readonly string Folder = Path.Combine(Root, "tests", "Integration", "Scripts");

    private static readonly Lazy<IReadOnlyDictionary<string, Transcript>> Model = new(RunAll);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DmSim.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    private static IReadOnlyDictionary<string, Transcript> RunAll()
    {
        using var scratch = new ScratchFolder();
        byte[] driver = TranscriptDriver.Write(Scripts().Select(name => (name, File.ReadAllBytes(Path.Combine(Folder, name)))));
        string file = Path.Combine(scratch.Path, "driver");
        File.WriteAllBytes(file, driver);
        return TranscriptDriver.Read(Encoding.Latin1.GetBytes(Dmsim.RunBinary("sh", file)));
    }

    public static string[] Scripts() => [.. Directory.GetFiles(Folder, "*.sh").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [TestCaseSource(nameof(Scripts))]
    public void A_script_prints_what_it_prints_on_the_kernel(string script)
    {
        HostedShell.Require();
        string expected = File.ReadAllText(Path.Combine(Folder, Tag, script + ".txt"), Encoding.Latin1);
        Assert.That(Model.Value, Contains.Key(script), "it did not come to its end");
        Assert.That(TranscriptComparer.Normalise(Model.Value[script].ToText()), Is.EqualTo(TranscriptComparer.Normalise(expected)));
    }

    [Test]
    public void Every_transcript_has_its_script() =>
        Assert.That(Directory.GetFiles(Path.Combine(Folder, Tag)).Select(path => Path.GetFileNameWithoutExtension(path)), Is.EquivalentTo(Scripts()));
}
