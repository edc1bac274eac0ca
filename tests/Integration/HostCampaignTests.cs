using System.Diagnostics;
using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration;

/// <summary>host-campaign.sh in small: loops, and kills at any moment, leave nothing behind.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class HostCampaignTests
{
    [Test]
    public void Loops_are_never_busy_and_kills_leave_nothing_behind()
    {
        var (status, output) = Run("20", "5", "10", "2");
        Assert.That(output, Is.EqualTo("""
            20 loops in one shell: done
            5 loops in each of eight shells: done
            10 kills of client programs: done
            2 kills of the supervisor: done

            """.ReplaceLineEndings("\n")));
        Assert.That(status, Is.Zero);
    }

    private static (int Status, string Output) Run(params string[] counts)
    {
        HostedShell.Require();
        using var folder = new ScratchFolder();
        string dmsim = folder.Write("dmsim", $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, "dmsim.dll")} \"$@\"\n");
        File.SetUnixFileMode(dmsim, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(Path.Combine(ScriptCorpusTests.Root, "tests", "Integration", "host-campaign.sh"), [dmsim, .. counts]) { RedirectStandardOutput = true };
        using var campaign = Process.Start(start)!;
        string output = campaign.StandardOutput.ReadToEnd();
        campaign.WaitForExit();
        return (campaign.ExitCode, output);
    }
}
