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

    /// <summary>The write fails at once, and tells of it on the way: who waits for that goes on before the device is closed.</summary>
    [Test, Category("kernel")]
    public void A_call_that_does_not_sleep_goes_on_after_what_it_has_woken()
    {
        Dmsim.RequireVm();
        File.WriteAllText(_file, """
            setup loop-attach index=0 size=200s
            setup loop-attach index=1 size=4s
            create name=d0
            load name=d0 line="0 200 snapshot 7:0 7:1 N 16"
            wait name=d0 event=0
            resume name=d0
            write name=d0 off=32s len=16s seed=6

            """);
        Assert.That(Dmsim.Run(null, "replay", _file, "--on", "vm").Output, Does.Match("done:3 .* open-count=1 .*Invalid"));
        Assert.That(Dmsim.Run(null, "replay", _file, "--on", "both").Output, Is.EqualTo("1 of 1: agrees\n"));
    }

    // The error of a stripe is told of by a worker (stripe_end_io, drivers/md/dm-stripe.c, 6.1).
    private const string StripesThatFail = """
        setup loop-attach index=0 size=512s
        create name=d1
        load name=d1 line="0 64 error"
        resume name=d1
        create name=d0
        load name=d0 line="0 64 striped 2 8 254:0 0 254:0 32"
        resume name=d0
        wait name=d0 event=1
        write name=d0 off=0s len=8s seed=6

        """;

    /// <summary>The write wakes the worker and ends; who waits for the write closes the device; then comes who waits for the event.</summary>
    [Test]
    public void A_call_that_does_not_sleep_goes_on_before_what_those_wake_that_it_has_woken()
    {
        File.WriteAllText(_file, StripesThatFail);
        string output = Dmsim.Run(null, "replay", _file, "--on", "model").Output;
        Assert.That(output, Does.Match("done:7 .* event-nr=2 ").And.Not.Match("done:7 .* open-count"));
    }

    [Test, Category("kernel")]
    public void And_so_it_does_on_the_kernel()
    {
        Dmsim.RequireVm();
        File.WriteAllText(_file, StripesThatFail);
        Assert.That(Dmsim.Run(null, "replay", _file, "--on", "both").Output, Is.EqualTo("1 of 1: agrees\n"));
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
