using System.Diagnostics;
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
    public void A_program_that_is_missing_is_named_with_its_package()
    {
        HostedShell.Require();
        Assert.That(Dmsim.Run(null, "run", "--", "vdoformat", "/dev/loop0"), Is.EqualTo((127, "",
            "dmsim: The program vdoformat is missing: install the package vdo (on Debian or Ubuntu: sudo apt install vdo).\n")));
        Assert.That(Dmsim.Run(null, "run", "--", "nobody-has-this"), Is.EqualTo((127, "", "dmsim: There is no program nobody-has-this here.\n")));
    }

    [Test]
    public void Without_user_namespaces_one_sentence_says_how_to_allow_them()
    {
        HostedShell.Require();
        // The limit of a user namespace is its own: that of the host stays as it is.
        var (status, errors) = Shell($"unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec {DmsimProgram} run -- true'");
        Assert.That(status, Is.EqualTo(3));
        Assert.That(errors, Does.StartWith("dmsim: User namespaces cannot be had here (").And.Contain("sysctl user.max_user_namespaces=10000")
            .And.EndsWith("'dmsim vm SCRIPT' runs a script on the real kernel instead.\n"));
    }

    [Test]
    public void Without_user_notification_one_sentence_says_what_it_needs()
    {
        HostedShell.Require();
        // A program can have one listener only: on a simulated machine it is taken. That it is one is hidden from the second dmsim.
        string inner = $"mount -t tmpfs none /dev/.dmsim && DMSIM_FUSE=/proc/self/fd/9 {DmsimProgram} run -- true";
        var (status, errors) = Shell($"exec 9<>\"${{DMSIM_FUSE:-/dev/fuse}}\"; exec {DmsimProgram} run -- sh -c '{inner}'");
        Assert.That(status, Is.EqualTo(3), errors);
        Assert.That(errors, Does.StartWith("dmsim: Seccomp's user notification cannot be had here (EBUSY)").And.Contain("dmsim vm SCRIPT"));
    }

    private static string DmsimProgram => $"dotnet {Path.Combine(AppContext.BaseDirectory, "dmsim.dll")}";

    private static (int Status, string Errors) Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardError = true })!;
        string errors = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, errors);
    }

    [Test]
    public void Options_after_the_command_are_the_command_s()
    {
        HostedShell.Require();
        Assert.That(Dmsim.Run(null, "run", "dmsetup", "info", "--columns", "-o", "name").Output, Is.EqualTo("No devices found\n"));
    }
}
