using System.Diagnostics;
using NUnit.Framework;

namespace DmSim.Property.Architecture;

/// <summary>What scripts/mutants tries: the same files each time, and each of them in just one of the samples of a campaign.</summary>
internal sealed class MutantSampleTests
{
    [Test]
    public void All_samples_together_are_the_whole()
    {
        string[] whole = List(), samples = [.. Enumerable.Range(1, 5).SelectMany(i => List("--sample", $"{i}/5"))];
        Assert.That(whole, Has.Member("src/Model/Targets/ZeroTarget.cs").And.Unique);
        Assert.That(samples, Is.EquivalentTo(whole));
    }

    [Test]
    public void Same_sample_same_files()
    {
        string[] first = List("--sample", "2/7"), second = List("--sample", "2/7");
        Assert.That(second, Is.Not.Empty.And.EqualTo(first));
    }

    [Test]
    public void What_traces_cannot_show_is_tried_when_it_is_named()
    {
        Assert.That(List(), Has.None.StartsWith("src/Model/Reasons/"));
        Assert.That(List("src/Model/Reasons"), Is.Not.Empty.And.All.StartsWith("src/Model/Reasons/"));
    }

    private static string[] List(params string[] arguments)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "mutants"), ["--list", .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        string printed = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        Assert.That(script.ExitCode, Is.Zero);
        return printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
