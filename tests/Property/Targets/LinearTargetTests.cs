using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH linear DEVICE OFFSET": the sectors of a device from an offset on.</summary>
public sealed class LinearTargetTests
{
    [TestCase("7:0", "Invalid argument count")]
    [TestCase("7:0 5 6", "Invalid argument count")]
    [TestCase("7:0 -1", "Invalid device sector")]
    [TestCase("7:0 +5", "Invalid device sector")]
    [TestCase("7:0 0x10", "Invalid device sector")]
    [TestCase("7:0 5x", "Invalid device sector")]
    [TestCase(@"7:0 5\ ", "Invalid device sector")]
    [TestCase("9:9 x", "Invalid device sector", Description = "the sector is read before the device is looked for")]
    [TestCase("9:9 0", "Device lookup failed", Errno.ENXIO)]
    [TestCase("7:77777777 0", "Device lookup failed", Errno.EOVERFLOW)]
    [TestCase("/dev/nope 0", "Device lookup failed", Errno.ENODEV)]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048).Refusal($"0 8 linear {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("010", "10", Description = "a leading zero is not octal")]
    [TestCase(@"\ 5", "5", Description = "an escaped blank is skipped")]
    [TestCase("18446744073709551617", "1", Description = "2^64 + 1 wraps")]
    public void Takes_an_odd_offset(string offset, string shown)
    {
        var machine = new TestMachine(2048);
        machine.Create("d", $"0 8 linear 7:0 {offset}");
        Assert.That(machine.Table("d"), Is.EqualTo($"0 8 linear 7:0 {shown}"));
    }

    [Test]
    public void Says_nothing_in_its_status()
    {
        var machine = new TestMachine(2048);
        machine.Create("d", "0 8 linear 7:0 5");
        Assert.That(machine.Status("d"), Is.EqualTo("0 8 linear "));
    }

    [Test]
    public void Moves_data_to_its_place()
    {
        var machine = new TestMachine(64, 64);
        using var file = machine.Open(machine.Create("d", "0 4 linear 7:0 10\n4 4 linear 7:1 20"));
        Assert.That(file.Write(2, 4, 0x77), Is.EqualTo(Errno.None));
        using var first = machine.Loop(0);
        using var second = machine.Loop(1);
        Assert.That(first.Sectors(11, 4), Is.EqualTo("00 77 77 00"));
        Assert.That(second.Sectors(19, 4), Is.EqualTo("00 77 77 00"));
        Assert.That(file.Sectors(0, 8), Is.EqualTo("00 00 77 77 77 77 00 00"));
    }

    [Test]
    public void Discards_on_both_sides_of_a_border()
    {
        var machine = new TestMachine(64, 64);
        using var file = machine.Open(machine.Create("d", "0 8 linear 7:0 8\n8 8 linear 7:1 0"));
        file.Write(0, 16, 0x11);
        Assert.That(file.Discard(6, 4), Is.EqualTo(Errno.None));
        Assert.That(file.Sectors(0, 16), Is.EqualTo("11 11 11 11 11 11 00 00 00 00 11 11 11 11 11 11"));
    }

    [Test]
    public void Zeroes_out_by_writing_zeros_since_a_file_on_tmpfs_cannot()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 16 linear 7:0 0"));
        file.Write(0, 16, 0x11);
        Assert.That(file.ZeroOut(4, 8), Is.EqualTo(Errno.None));
        Assert.That(file.Sectors(3, 10), Is.EqualTo("11 00 00 00 00 00 00 00 00 11"));
        Assert.That(machine.Log(), Is.EqualTo((string[])[
            "operation not supported error, dev loop0, sector 4 op 0x9:(WRITE_ZEROES) flags 0x8000800 phys_seg 0 prio class 2"]));
    }

    [Test]
    public void Fails_past_the_end_of_a_device_that_has_shrunk()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 linear 7:0 0"));
        TestMachine.Now(machine.Machine.Loops.ResizeAsync(0, 16 * 512));
        machine.Log();
        Assert.That(file.Read(8, 16, out _), Is.EqualTo(Errno.EIO));
        Assert.That(machine.Log(), Is.EqualTo((string[])[
            "dmsim: attempt to access beyond end of device\nloop0: rw=2048, sector=8, nr_sectors = 16 limit=16"]));
        Assert.That(file.Sectors(8, 8), Is.EqualTo("00 00 00 00 00 00 00 00"));
    }

    [Test]
    public void Fails_all_of_a_write_of_which_a_part_has_been_done()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 8 linear 7:0 0\n8 8 error"));
        Assert.That(file.Write(4, 8, 0x55), Is.EqualTo(Errno.EIO));
        using var loop = machine.Loop(0);
        Assert.That(loop.Sectors(3, 6), Is.EqualTo("00 55 55 55 55 00"));
    }

    [Test]
    public void Writes_to_a_read_only_loop_fail_below_and_neighbours_are_one_request()
    {
        var machine = new TestMachine();
        TestMachine.Now(machine.Machine.Loops.AttachAsync(3, 1 << 20, readOnly: true));
        using var file = machine.Open(machine.Create("d", "0 8 linear 7:3 0\n8 8 linear 7:3 8\n16 16 linear 7:3 100"));
        machine.Log();
        Assert.That(file.Write(0, 32, 1), Is.EqualTo(Errno.EIO));
        Assert.That(machine.Log(), Is.EqualTo((string[])[
            "Trying to write to read-only block-device loop3",
            "Trying to write to read-only block-device loop3",
            "Trying to write to read-only block-device loop3",
            "I/O error, dev loop3, sector 0 op 0x1:(WRITE) flags 0x8800 phys_seg 2 prio class 2",
            "I/O error, dev loop3, sector 100 op 0x1:(WRITE) flags 0x8800 phys_seg 2 prio class 2"]));
    }
}
