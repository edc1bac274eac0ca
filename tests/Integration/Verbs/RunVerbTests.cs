using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim run -- COMMAND…</summary>
public sealed class RunVerbTests
{
    [Test]
    public void The_command_s_output_and_status_are_passed_on()
    {
        HostedShell.Require();
        Assert.That(Dmsim.Run(null, "run", "--", "dmsetup", "ls"), Is.EqualTo((0, "No devices found\n", "")));
        Assert.That(Dmsim.Run(null, "run", "--", "sh", "-c", "exit 9"), Is.EqualTo((9, "", "")));
    }

    [Test]
    public void Options_after_the_command_are_the_command_s()
    {
        HostedShell.Require();
        Assert.That(Dmsim.Run(null, "run", "dmsetup", "info", "--columns", "-o", "name").Output, Is.EqualTo("No devices found\n"));
    }
}
