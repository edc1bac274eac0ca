using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim sh without a script, at a terminal.</summary>
internal sealed class InteractiveShellTests
{
    [Test]
    public void After_a_refusal_the_kernel_s_line_and_why_follow_what_the_program_says()
    {
        string screen = HostedShell.Interactive("truncate -s 1M disk; losetup /dev/loop0 disk",
            "dmsetup create bad --table '0 10000000 linear /dev/loop0 8'; echo \"status $?\"",
            "dmsetup create bad --table '0 10000000 linear /dev/loop0 8'",
            "echo \"status $?\"");
        Assert.That(screen, Does.Contain("""
            Command failed.
            kernel: device-mapper: table: 254:0: loop0 too small for target: start=8, len=10000000, dev_size=2048
            kernel: device-mapper: core: Cannot calculate initial queue limits
            kernel: device-mapper: ioctl: unable to set up device queue for new table.
            why: loop0 has 2048 sectors, the table asks for 10000008: make the table or the device fit.
            [dmsim 6.1]
            """.ReplaceLineEndings("\n")));
        Assert.That(screen, Does.Contain("status 1\nkernel: "), "status and output of the line come before the reason");
        Assert.That(screen.Split("# status 1\n[dmsim 6.1]"), Has.Length.EqualTo(2), "asking for the reason does not change $?");
    }

    [Test]
    public void What_nobody_minds_is_not_explained()
    {
        string screen = HostedShell.Interactive("dmsetup info nothere || true", "dmsetup remove nothere", "dmsetup ls", "false");
        Assert.That(screen.Split("why: "), Has.Length.EqualTo(2));
        Assert.That(screen, Does.Contain("Command failed.\nwhy: there is no device nothere: \"dmsetup ls\" lists those there are.\n[dmsim"));
    }

    [Test]
    public void A_program_that_is_missing_is_named_with_its_package()
    {
        string screen = HostedShell.Interactive("vdoformat /dev/loop0", "echo \"status $?\"", "nobody-has-this");
        Assert.That(screen, Does.Contain("bash: vdoformat: command not found\nIt is in the package vdo: sudo apt install vdo\n").And.Contain("status 127\n")
            .And.Contain("bash: nobody-has-this: command not found\n[dmsim"));
    }

    [Test]
    public void The_user_s_own_settings_hold_but_for_the_prompt()
    {
        string screen = HostedShell.Interactive(
            "echo 'greet() { echo hello; }; PROMPT_COMMAND=\"echo asked\"; PATH=/usr/bin:/usr/sbin:/bin' >~/.bashrc", "bash --rcfile /dev/.dmsim/bashrc -i",
            "greet", "type -p dmsim", "dmsetup remove nothere", "exit");
        Assert.That(screen, Does.Contain("hello\nasked\n").And.Contain("/dev/.dmsim/bin/dmsim\nasked\n").And.Contain("asked\nwhy: there is no device"));
    }
}
