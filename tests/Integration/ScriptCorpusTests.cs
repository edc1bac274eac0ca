using System.Text;
using DmSim.Harness.Transcripts;
using DmSim.Integration.Verbs;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Integration;

/// <summary>
/// The scripts of tests/Integration/Scripts on a simulated machine, against what a real kernel printed. What 6.1 printed lies in the folder
/// 6.1; the folder of another release has what it printed otherwise, in same.txt the scripts of which it printed the same, and in open.txt
/// those on which the model does not agree with it yet. `dmsim diff --kernel TAG --keep DIR SCRIPT…` writes transcripts anew into DIR/kernel.
/// </summary>
public sealed class ScriptCorpusTests
{
    private const string First = "6.1";

    internal static readonly string Root = FindRoot();

    private static readonly string Folder = Path.Combine(Root, "tests", "Integration", "Scripts");

    /// <summary>The other releases of which there are transcripts.</summary>
    private static readonly string[] Later =
        [.. KernelProfile.All.Select(profile => profile.Tag).Where(tag => tag != First && Directory.Exists(Path.Combine(Folder, tag)))];

    private static readonly Dictionary<string, Lazy<IReadOnlyDictionary<string, Transcript>>> Model =
        KernelProfile.All.ToDictionary(profile => profile.Tag, profile => new Lazy<IReadOnlyDictionary<string, Transcript>>(() => RunAll(profile.Tag)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DmSim.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    private static IReadOnlyDictionary<string, Transcript> RunAll(string tag)
    {
        using var scratch = new ScratchFolder();
        byte[] driver = TranscriptDriver.Write(Recorded(tag).Select(name => (name, File.ReadAllBytes(Path.Combine(Folder, name)))));
        string file = Path.Combine(scratch.Path, "driver");
        File.WriteAllBytes(file, driver);
        return TranscriptDriver.Read(Encoding.Latin1.GetBytes(Dmsim.RunBinary("sh", "--kernel", tag, file)));
    }

    public static string[] Scripts() => [.. Directory.GetFiles(Folder, "*.sh").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string TranscriptOf(string tag, string script) => Path.Combine(Folder, tag, script + ".txt");

    private static string[] List(string tag, string name) => File.ReadAllLines(Path.Combine(Folder, tag, name));

    /// <summary>The scripts of which there is a kernel's transcript.</summary>
    private static IEnumerable<string> Recorded(string tag) => tag == First ? Scripts()
        : Scripts().Where(script => File.Exists(TranscriptOf(tag, script)) || List(tag, "same.txt").Contains(script));

    private static bool Agrees(string tag, string script, out string expected, out string printed)
    {
        string file = TranscriptOf(tag, script);
        expected = TranscriptComparer.Normalise(File.ReadAllText(File.Exists(file) ? file : TranscriptOf(First, script), Encoding.Latin1));
        printed = Model[tag].Value.TryGetValue(script, out var transcript) ? TranscriptComparer.Normalise(transcript.ToText()) : "(it did not come to its end)";
        return printed == expected;
    }

    [TestCaseSource(nameof(Scripts))]
    public void A_script_prints_what_it_prints_on_the_kernel(string script)
    {
        HostedShell.Require();
        Agrees(First, script, out string expected, out string printed);
        Assert.That(printed, Is.EqualTo(expected));
    }

    private static IEnumerable<object[]> LaterScripts() =>
        Later.SelectMany(tag => Recorded(tag).Except(List(tag, "open.txt")).Select(script => (object[])[tag, script]));

    [TestCaseSource(nameof(LaterScripts))]
    public void On_a_later_release_it_prints_what_it_prints_there(string tag, string script)
    {
        HostedShell.Require();
        Agrees(tag, script, out string expected, out string printed);
        Assert.That(printed, Is.EqualTo(expected));
    }

    /// <summary>The list is to become empty: who makes the model agree takes the script off it.</summary>
    [TestCaseSource(nameof(Later))]
    public void What_is_open_on_a_later_release_still_differs(string tag)
    {
        HostedShell.Require();
        Assert.That(List(tag, "open.txt").Where(script => Agrees(tag, script, out _, out _)), Is.Empty);
    }

    [Test]
    public void Every_transcript_has_its_script()
    {
        Assert.That(Directory.GetFiles(Path.Combine(Folder, First)).Select(path => Path.GetFileNameWithoutExtension(path)), Is.EquivalentTo(Scripts()));
        foreach (string tag in Later)
        {
            var transcripts = Directory.GetFiles(Path.Combine(Folder, tag), "*.sh.txt").Select(path => Path.GetFileNameWithoutExtension(path));
            Assert.That(transcripts.Concat(List(tag, "same.txt")), Is.SubsetOf(Scripts()).And.Unique);
            Assert.That(List(tag, "open.txt"), Is.SubsetOf(Recorded(tag)));
        }
    }
}
