using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>
/// Behaviours that simulators tend to get wrong, one scenario each, numbered as in the list that they come from (its numbers 1 to 29
/// concern thin devices). The same files are played on a real kernel by the test of this name in tests/Integration.
/// </summary>
public sealed class SectionETests
{
    public static readonly string Folder = Path.Combine(Repository.Root, "tests/Property/Thin/SectionE");

    private static IEnumerable<TestCaseData> Scenarios() => Directory.EnumerateFiles(Folder, "*.txt").Order()
        .Select(path => new TestCaseData(path).SetName(Path.GetFileNameWithoutExtension(path)));

    [TestCaseSource(nameof(Scenarios))]
    public async Task On_the_model(string path)
    {
        string transcript = await File.ReadAllTextAsync(path);
        if (transcript.Contains("> dump", StringComparison.Ordinal) || transcript.Contains("> check", StringComparison.Ordinal))
            ThinTools.Require("thin_dump", "thin_check");
        Assert.That(await TranscriptPlayer.PlayAsync(transcript), Is.EqualTo(transcript));
    }

    [Test]
    public void There_is_one_for_each_number() =>
        Assert.That(Scenarios().Select(scenario => scenario.TestName![..3]), Is.EqualTo(Enumerable.Range(1, 29).Select(i => $"E{i:00}")));
}
