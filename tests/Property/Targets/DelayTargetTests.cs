using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>
/// "START LENGTH delay DEVICE OFFSET MILLISECONDS", for all I/O; three more words for writes, three more for flushes.
/// </summary>
public sealed class DelayTargetTests
{
    [TestCase("7:0 0", "Requires exactly 3, 6 or 9 arguments")]
    [TestCase("7:0 0 1 7:0 0", "Requires exactly 3, 6 or 9 arguments")]
    [TestCase("7:0 x y", "Invalid device sector")]
    [TestCase("7:0 0 y", "Invalid delay")]
    [TestCase("7:0 0 +1", "Invalid delay")]
    [TestCase("7:0 0 1 7:1 x 2", "Invalid device sector")]
    [TestCase("7:0 0 1 7:1 0 x", "Invalid delay")]
    [TestCase("7:0 0 1 7:77777777 0 0", "Device lookup failed", Errno.EOVERFLOW)]
    [TestCase("9:9 0 1", "Device lookup failed", Errno.ENXIO)]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048, 2048).Refusal($"0 8 delay {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("7:0 0 4294967297", "7:0 0 1", Description = "cut to 32 bits")]
    [TestCase("7:0 0 1 7:1 8 2", "7:0 0 1 7:1 8 2")]
    [TestCase("7:0 0 1 7:1 8 2 7:2 16 3", "7:0 0 1 7:1 8 2 7:2 16 3")]
    public void Shows_its_table(string arguments, string shown)
    {
        var machine = new TestMachine(64, 64, 64);
        machine.Create("d", $"0 8 delay {arguments}");
        Assert.That(machine.Table("d"), Is.EqualTo($"0 8 delay {shown}"));
    }

    [Test]
    public void Delivers_when_the_time_has_come_and_one_tick_more()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 delay 7:0 0 100"));
        var read = file.Handle.ReadAsync(0, new byte[512]);
        machine.Sleep(103);
        Assert.That(read.IsCompleted, Is.False);
        machine.Sleep(1);
        Assert.That(TestMachine.Now(read), Is.EqualTo(IoResult.Ok(512)));
    }

    [TestCase(1, 8)]
    [TestCase(4, 8)]
    [TestCase(5, 12)]
    [TestCase(248, 252, Description = "the last that the wheel tells apart by ticks of 4 ms")]
    [TestCase(252, 256, Description = "by 32 ms from here")]
    [TestCase(300, 320)]
    [TestCase(3000, 3072, Description = "by 256 ms")]
    public void Rounds_up_as_the_timer_wheel_does(int delay, int fires)
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", $"0 64 delay 7:0 0 {delay}"));
        var read = file.Handle.ReadAsync(0, new byte[512]);
        machine.Sleep(fires - 1);
        Assert.That(read.IsCompleted, Is.False);
        machine.Sleep(1);
        Assert.That(read.IsCompleted);
    }

    [Test]
    public void Has_a_device_a_place_and_a_delay_for_each_kind()
    {
        var machine = new TestMachine(64, 64);
        machine.Create("d", "0 8 delay 7:0 0 0 7:1 8 0");
        using var file = machine.Open(new DeviceNumber(254, 0));
        Assert.That(file.Write(0, 4, 0x22), Is.EqualTo(Errno.None));
        Assert.That(file.Sectors(0, 4), Is.EqualTo("00 00 00 00"), "reads come from the first device");
        using var second = machine.Loop(1);
        Assert.That(second.Sectors(7, 6), Is.EqualTo("00 22 22 22 22 00"));
    }

    [Test]
    public void Status_counts_what_waits_and_a_suspend_lets_it_go()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 delay 7:0 0 3000"));
        var read = file.Handle.ReadAsync(0, new byte[512]);
        var write = file.WriteAsync(0, TestFile.Filled(1, 1));
        var flush = file.Handle.FlushAsync();
        Assert.That(machine.Status("d"), Is.EqualTo("0 64 delay 1 1 1"));
        machine.Suspend("d");
        Assert.That((read.IsCompleted, write.IsCompleted, flush.IsCompleted), Is.EqualTo((true, true, true)));
        Assert.That(machine.Status("d"), Is.EqualTo("0 64 delay 0 0 0"));
    }

    [Test]
    public void Delays_again_after_a_resume()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 delay 7:0 0 200"));
        machine.Suspend("d");
        var write = file.WriteAsync(0, TestFile.Filled(1, 1));
        Assert.That(machine.Status("d"), Is.EqualTo("0 64 delay 0 0 0"), "a suspended device defers it before the target sees it");
        machine.Resume("d");
        Assert.That(machine.Status("d"), Is.EqualTo("0 64 delay 0 1 0"));
        machine.Sleep(300);
        Assert.That(write.IsCompleted);
    }

    [Test]
    public void One_discard_waits_for_another_on_the_same_device()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 delay 7:0 0 200"));
        var first = file.Handle.DiscardAsync(0, 4096);
        var second = file.Handle.DiscardAsync(4096, 4096);
        Assert.That(machine.Status("d"), Is.EqualTo("0 64 delay 0 1 0"));
        machine.Sleep(210);
        Assert.That((first.IsCompleted, second.IsCompleted), Is.EqualTo((true, false)));
        machine.Sleep(210);
        Assert.That(second.IsCompleted);
    }

    [Test]
    public void A_file_closed_while_it_reads_stays_open_until_the_read_is_done()
    {
        var machine = new TestMachine(64);
        var file = machine.Open(machine.Create("d", "0 64 delay 7:0 0 200"));
        var read = file.Handle.ReadAsync(0, new byte[512]);
        file.Dispose();
        Assert.That(machine.Remove("d"), Is.EqualTo(Errno.EBUSY));
        machine.Sleep(300);
        Assert.That(TestMachine.Now(read).Errno, Is.EqualTo(Errno.None));
        Assert.That(machine.Remove("d"), Is.EqualTo(Errno.None));
    }
}
