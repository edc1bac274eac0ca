using System.Globalization;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim sh --attach: more programs on a machine that runs already.</summary>
internal sealed class AttachTests
{
    private ScratchFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    /// <summary>A machine with one device whose script goes on when there is a file "done".</summary>
    private Dmsim StartMachine(string clock)
    {
        HostedShell.Require();
        string script = _folder.Write("first.sh", $"""
            cd {_folder.Path}
            truncate -s 1M disk; losetup /dev/loop0 disk
            dmsetup create first --table "0 1024 linear /dev/loop0 0"
            echo ready
            until [ -e done ]; do sleep 0.1; done
            dmsetup ls
            """);
        var machine = Dmsim.Start(null, "sh", clock, script);
        Assert.That(machine.Output.ReadLine(), Is.EqualTo("ready"));
        return machine;
    }

    private (int Status, string Output, string Errors) Join(Dmsim machine, string script) =>
        Dmsim.Run(null, "sh", "--machine", machine.ProcessId.ToString(CultureInfo.InvariantCulture), _folder.Write("second.sh", script), "word");

    [TestCase("--virtual-time")]
    [TestCase("--wall-clock")]
    public void What_one_shell_does_the_other_sees(string clock)
    {
        using var machine = StartMachine(clock);
        var joined = Join(machine, $"dmsetup ls; dmsetup create $1 --table '0 8 zero'; sleep 1; stat -c %F /dev/mapper/first; ls {_folder.Path}; exit 9");
        Assert.That(joined, Is.EqualTo((9, "first\t(254:0)\nblock special file\ndisk\nfirst.sh\nsecond.sh\n", "")));
        File.WriteAllText(Path.Combine(_folder.Path, "done"), "");
        Assert.That(machine.Output.ReadToEnd(), Is.EqualTo("first\t(254:0)\nword\t(254:1)\n"));
        Assert.That(machine.End(), Is.EqualTo((0, "")));
    }

    [Test]
    public void When_the_machine_ends_who_has_joined_is_told()
    {
        using var machine = StartMachine("--wall-clock");
        var joined = Join(machine, $"touch {_folder.Path}/done; sleep 1000");
        Assert.That(joined, Is.EqualTo((137, "", "dmsim: The shell that was joined has ended, and its machine with it.\n")));
    }

    [Test]
    public void Two_machines_cannot_write_to_one_file()
    {
        using var machine = StartMachine("--wall-clock");
        string disk = Path.Combine(_folder.Path, "disk");
        var (status, output, errors) = Dmsim.Run(null, "sh", _folder.Write("other.sh", $"losetup -f {disk}; echo $?; losetup -r -f {disk}; losetup -a"));
        Assert.That((status, output), Is.EqualTo((0, "1\n")));
        Assert.That(errors, Does.Contain($"losetup: {disk}: failed to set up loop device: Device or resource busy\n")
            .And.Contain($"dmsim: {disk} is behind a loop device of another simulated machine"));
        Join(machine, $"dmsetup remove first; losetup /dev/loop1 {disk}; losetup -d /dev/loop0");
        Assert.That(Dmsim.Run(null, "sh", _folder.Write("other.sh", $"losetup -f {disk} 2>/dev/null; echo $?")).Output, Is.EqualTo("1\n"), "the second device has it still");
        Join(machine, "losetup -d /dev/loop1");
        Assert.That(Dmsim.Run(null, "sh", _folder.Write("other.sh", $"losetup -f {disk}; echo $?")).Output, Is.EqualTo("0\n"));
        File.WriteAllText(Path.Combine(_folder.Path, "done"), "");
    }

    [Test]
    public void Several_are_listed_and_one_that_is_none_is_refused()
    {
        using var one = StartMachine("--wall-clock");
        using var other = StartMachine("--wall-clock");
        var (status, _, errors) = Dmsim.Run(null, "sh", "--attach", _folder.Write("x.sh", ""));
        Assert.That(status, Is.EqualTo(4));
        Assert.That(errors, Does.Contain("shells of yours are running: choose one with --machine PID\n").And.Match($" {one.ProcessId}  since ..:..:..  dmsim sh --wall-clock /")
            .And.Match($" {other.ProcessId}  since"));
        Assert.That(Dmsim.Run(null, "sh", "--machine", "1").Errors, Does.StartWith("dmsim: No shell of yours runs as process 1: these do\n"));
        File.WriteAllText(Path.Combine(_folder.Path, "done"), "");
        one.End();
        other.End();
    }
}
