using DmSim.Property.Architecture;
using DmSim.Property.Thin;
using NUnit.Framework;

namespace DmSim.Property.Snapshots;

/// <summary>The model answers as the kernel did in every transcript (tests/Property/Thin/Transcripts/record.sh made them).</summary>
public sealed class SnapshotTranscriptTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/Property/Snapshots/Transcripts");

    private static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order();

    /// <summary>The list that the numbers of tests/Property/Thin/SectionE come from has this one about snapshots.</summary>
    [Test]
    public void The_numbered_behaviour_of_snapshots_is_there() => Assert.That(Names(), Has.Some.StartWith("E30_"));

    [TestCaseSource(nameof(Names))]
    public async Task The_model_answers_as_the_kernel_did(string name)
    {
        string transcript = File.ReadAllText(Path.Combine(Folder, name + ".txt"));
        Assert.That(await TranscriptPlayer.PlayAsync(transcript), Is.EqualTo(transcript));
    }
}
