using System.Diagnostics;
using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration;

/// <summary>scripts/campaign.slurm under a SLURM of its own.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SlurmCampaignTests
{
    private const int NotInstalled = 77;

    [Test]
    public void A_job_array_runs_the_shards_and_a_job_merges_them()
    {
        using var folder = new ScratchFolder();
        string dmsim = folder.Write("dmsim", $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, "dmsim.dll")} \"$@\"\n");
        File.SetUnixFileMode(dmsim, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(Path.Combine(ScriptCorpusTests.Root, "tests", "Integration", "slurm-campaign.sh"), [dmsim]) { RedirectStandardOutput = true };
        using var campaign = Process.Start(start)!;
        string output = campaign.StandardOutput.ReadToEnd();
        campaign.WaitForExit();
        if (campaign.ExitCode == NotInstalled)
            Assert.Ignore(output.Trim());
        Assert.That(output, Is.EqualTo("""
            3 shards, merged by a job that waited for them
            they did what one run does
            a shard that was lost is run again, and no other

            """.ReplaceLineEndings("\n")));
        Assert.That(campaign.ExitCode, Is.Zero);
    }
}
