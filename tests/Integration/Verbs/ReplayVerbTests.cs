using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

internal sealed class ReplayVerbTests
{
    private const string Operations = """
        setup loop-attach index=0 size=512s
        create name=d0
        load name=d0 line="0 64 linear 7:0 0"
        resume name=d0
        write name=d0 off=0s len=8s seed=1
        """;

    private string _file = "";

    [SetUp]
    public void WriteFile()
    {
        _file = Path.GetTempFileName();
        File.WriteAllText(_file, Operations + "\n");
    }

    [TearDown]
    public void DeleteFile() => File.Delete(_file);

    [Test]
    public void Replay_prints_what_each_step_showed_on_the_model()
    {
        var (status, output, errors) = Dmsim.Run(null, "replay", _file, "--on", "model");
        Assert.That(status, Is.EqualTo((int)ExitCode.Agree), errors);
        Assert.That(output, Does.Contain("dmsetup create d0"));
        Assert.That(output, Does.Contain("dmsetup resume d0"));
    }

    [Test, Category("kernel")]
    public void Replay_shows_the_same_on_model_and_kernel()
    {
        Dmsim.RequireVm();
        var model = Dmsim.Run(null, "replay", _file, "--on", "model");
        var kernel = Dmsim.Run(null, "replay", _file, "--on", "vm");
        Assert.That(kernel.Status, Is.EqualTo((int)ExitCode.Agree), kernel.Errors);
        Assert.That(kernel.Output, Is.EqualTo(model.Output));
        Assert.That(Dmsim.Run(null, "replay", _file, "--on", "vm", "--times", "3").Output, Is.EqualTo(model.Output + "3 of 3: no failure\n"));
    }

    [Test]
    public void Replay_of_a_file_that_is_no_sequence_says_what_is_wrong()
    {
        File.WriteAllText(_file, "nonsense\n");
        var (status, _, errors) = Dmsim.Run(null, "replay", _file, "--on", "model");
        Assert.That(status, Is.EqualTo((int)ExitCode.BadInput));
        Assert.That(errors, Does.StartWith($"dmsim: {_file} is no sequence of operations: "));
        Assert.That(errors, Does.Not.Contain("   at "));
    }

    [Test]
    public void Replay_of_a_missing_file_says_so()
    {
        var (status, _, errors) = Dmsim.Run(null, "replay", _file + ".nosuch");
        Assert.That(status, Is.EqualTo((int)ExitCode.BadInput));
        Assert.That(errors, Does.StartWith($"dmsim: There is no file {_file}.nosuch"));
    }

    [Test]
    public void The_machine_itself_is_touched_only_by_who_says_so()
    {
        var (status, output, errors) = Dmsim.Run(null, "replay", _file, "--on", "host");
        Assert.That((status, output), Is.EqualTo(((int)ExitCode.BadInput, "")));
        Assert.That(errors, Does.StartWith("dmsim: --on host makes and removes mapped devices").And.Contain("--touch-this-machine"));
    }
}
