using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>The model answers as the kernel did in every transcript: results, status lines, log lines, data, metadata on disk.</summary>
public sealed class TranscriptTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/Property/Thin/Transcripts");

    private static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order();

    [TestCaseSource(nameof(Names))]
    public async Task The_model_answers_as_the_kernel_did(string name)
    {
        string transcript = File.ReadAllText(Path.Combine(Folder, name + ".txt"));
        if (transcript.Contains("> dump", StringComparison.Ordinal))
            ThinTools.Require("thin_dump");
        Assert.That(await TranscriptPlayer.PlayAsync(transcript), Is.EqualTo(transcript));
    }
}
