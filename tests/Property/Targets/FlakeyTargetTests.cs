using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>
/// "START LENGTH flakey DEVICE OFFSET UP DOWN [COUNT FEATURE...]": for UP seconds as linear, for DOWN seconds bad, and so on.
/// </summary>
public sealed class FlakeyTargetTests
{
    [TestCase("7:0 0 1", "Invalid argument count")]
    [TestCase("7:0 x 1 1", "Invalid device sector")]
    [TestCase("7:0 0 x 1", "Invalid up interval")]
    [TestCase("7:0 0 1 x", "Invalid up interval", Description = "the kernel says up for both")]
    [TestCase("7:0 0 0 0", "Total (up + down) interval is zero")]
    [TestCase("7:0 0 4294967295 1", "Total (up + down) interval is zero")]
    [TestCase("7:0 0 4294967295 2", "Interval overflow")]
    [TestCase("7:0 0 1 0 7", "Invalid number of feature args")]
    [TestCase("7:0 0 1 0 1", "Invalid number of feature args", Description = "fewer words follow than it says")]
    [TestCase("7:0 0 1 0 1 foo", "Unrecognised flakey feature requested")]
    [TestCase("7:0 0 1 0 2 drop_writes drop_writes", "Feature drop_writes duplicated")]
    [TestCase("7:0 0 1 0 2 error_writes error_writes", "Feature error_writes duplicated")]
    [TestCase("7:0 0 1 0 2 drop_writes error_writes", "Feature error_writes conflicts with feature drop_writes")]
    [TestCase("7:0 0 1 0 2 error_writes drop_writes", "Feature drop_writes conflicts with feature error_writes")]
    [TestCase("7:0 0 1 0 1 corrupt_bio_byte", "Feature corrupt_bio_byte requires parameters")]
    [TestCase("7:0 0 1 0 1 corrupt_bio_byte 1 r 255 1", "Feature corrupt_bio_byte requires parameters")]
    [TestCase("7:0 0 1 0 2 corrupt_bio_byte 0", "Invalid corrupt bio byte")]
    [TestCase("7:0 0 1 0 2 corrupt_bio_byte 1", "Invalid corrupt bio direction (r or w)")]
    [TestCase("7:0 0 1 0 3 corrupt_bio_byte 1 x", "Invalid corrupt bio direction (r or w)")]
    [TestCase("7:0 0 1 0 4 corrupt_bio_byte 1 r 256", "Invalid corrupt value to write into bio byte (0-255)")]
    [TestCase("7:0 0 1 0 4 corrupt_bio_byte 1 r 255", "Invalid corrupt bio flags mask")]
    [TestCase("7:0 0 1 0 2 corrupt_bio_byte 1 r 2 3 drop_writes", "Insufficient feature arguments")]
    [TestCase("7:0 0 1 0 6 corrupt_bio_byte 1 W 255 1 drop_writes",
        "drop_writes is incompatible with corrupt_bio_byte with the WRITE flag set")]
    [TestCase("7:0 0 1 0 6 corrupt_bio_byte 1 w 255 1 error_writes",
        "error_writes is incompatible with corrupt_bio_byte with the WRITE flag set")]
    [TestCase("9:9 0 1 0", "Device lookup failed", Errno.ENXIO)]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048).Refusal($"0 8 flakey {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("7:0 0 1 0", "7:0 0 1 0 0 ")]
    [TestCase("7:0 0 1 0 0 drop_writes", "7:0 0 1 0 0 ", Description = "words that are not counted are not read")]
    [TestCase("7:0 0 1 0 1 DROP_writes", "7:0 0 1 0 1 drop_writes ")]
    [TestCase("7:0 0 1 0 5 corrupt_bio_byte 1 R 255 4294967295", "7:0 0 1 0 5 corrupt_bio_byte 1 r 255 4294967295 ")]
    [TestCase("7:0 0 1 0 6 error_writes corrupt_bio_byte 1 r 255 1", "7:0 0 1 0 6 error_writes corrupt_bio_byte 1 r 255 1 ")]
    public void Shows_its_table(string arguments, string shown)
    {
        var machine = new TestMachine(64);
        machine.Create("d", $"0 8 flakey {arguments}");
        Assert.That(machine.Table("d"), Is.EqualTo($"0 8 flakey {shown}"));
        Assert.That(machine.Status("d"), Is.EqualTo("0 8 flakey "));
    }

    // What happens to a read, a write, a discard, a zero-out and a flush while the target is down.
    [TestCase("", Errno.EIO, Errno.EIO, Errno.EIO, Errno.EIO, Errno.EIO)]
    [TestCase("1 drop_writes", Errno.None, Errno.None, Errno.None, Errno.None, Errno.None)]
    [TestCase("1 error_writes", Errno.None, Errno.EIO, Errno.EIO, Errno.EIO, Errno.EIO)]
    [TestCase("5 corrupt_bio_byte 1 r 1 0", Errno.None, Errno.None, Errno.None, Errno.None, Errno.None)]
    public void While_down(string features, Errno read, Errno write, Errno discard, Errno zeroOut, Errno flush)
    {
        var machine = new TestMachine(128);
        using var file = machine.Open(machine.Create("d", $"0 128 flakey 7:0 0 0 10 {features}"));
        Assert.That((file.Read(0, 1, out _), file.Write(0, 1, 5), file.Discard(0, 8), file.ZeroOut(0, 8), file.Flush()),
            Is.EqualTo((read, write, discard, zeroOut, flush)));
    }

    [Test]
    public void Goes_up_and_down_by_whole_seconds_from_the_load_of_its_table()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 flakey 7:0 0 2 1"));
        var heard = new List<Errno>();
        for (int i = 0; i < 12; i++)
        {
            heard.Add(file.Read(0, 1, out _));
            machine.Sleep(500);
        }
        Assert.That(string.Concat(heard.Select(e => e == Errno.None ? 'u' : 'd')), Is.EqualTo("uuuudduuuudd"));
    }

    [Test]
    public void Dropped_writes_leave_what_was_there()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 flakey 7:0 0 1 1 1 drop_writes"));
        file.Write(0, 1, 1);
        machine.Sleep(1000);
        file.Write(0, 1, 2);
        Assert.That(file.Sectors(0, 1), Is.EqualTo("01"));
        machine.Sleep(1000);
        file.Write(0, 1, 3);
        Assert.That(file.Sectors(0, 1), Is.EqualTo("03"));
    }

    [Test]
    public void A_corrupted_write_spoils_the_device_and_not_the_writers_memory()
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", "0 64 flakey 7:0 0 0 10 5 corrupt_bio_byte 5 w 255 0"));
        byte[] data = TestFile.Filled(1, 0x22);
        TestMachine.Now(file.WriteAsync(0, data));
        using var loop = machine.Loop(0);
        loop.Read(0, 1, out byte[] stored);
        Assert.That(stored.Take(6), Is.EqualTo((byte[])[0x22, 0x22, 0x22, 0x22, 0xff, 0x22]));
        Assert.That(data, Is.All.EqualTo(0x22));
        Assert.That(file.ZeroOut(0, 1), Is.EqualTo(Errno.None));
        loop.Read(0, 1, out stored);
        Assert.That(stored, Is.All.Zero, "the kernel's page of zeros is left alone");
    }

    // A direct write has the operation 1 and the flags SYNC (2048) and IDLE (32768).
    [TestCase(2048u, true)]
    [TestCase(34817u, true)]
    [TestCase(3u, false)]
    public void Corrupts_only_writes_with_all_flags_of_the_mask(uint mask, bool corrupts)
    {
        var machine = new TestMachine(64);
        using var file = machine.Open(machine.Create("d", $"0 64 flakey 7:0 0 0 10 5 corrupt_bio_byte 1 w 255 {mask}"));
        file.Write(0, 1, 0x22);
        using var loop = machine.Loop(0);
        Assert.That(loop.Sectors(0, 1), Is.EqualTo(corrupts ? "ff" : "22"));
    }

    /// <summary>
    /// Where the byte falls follows from how far the device below has moved the bio on: a loop device to its end, a mapped device
    /// to the last piece into which it was split.
    /// </summary>
    [TestCase("7:0", "", Description = "a loop device: nothing is corrupted")]
    [TestCase("254:0", "2", Description = "linear, not split: the third byte")]
    [TestCase("254:1", "12290", Description = "striped, four chunks of 4 KiB: the third byte of the last one")]
    public void A_corrupted_read(string below, string expected)
    {
        var machine = new TestMachine(128, 128);
        machine.Create("linear", "0 128 linear 7:0 0");
        machine.Create("striped", "0 128 striped 2 8 7:0 0 7:1 0");
        using var file = machine.Open(machine.Create("d", $"0 128 flakey {below} 0 0 10 5 corrupt_bio_byte 3 r 255 0"));
        Assert.That(file.Read(0, 32, out byte[] data), Is.EqualTo(Errno.None));
        Assert.That(string.Join(' ', Enumerable.Range(0, data.Length).Where(i => data[i] == 255)), Is.EqualTo(expected));
    }
}
