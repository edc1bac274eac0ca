using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH striped COUNT CHUNK [DEVICE OFFSET]...": chunks of sectors go to the devices in turn.</summary>
public sealed class StripedTargetTests
{
    [TestCase(8, "", "Not enough arguments")]
    [TestCase(8, "0 8", "Invalid stripe count")]
    [TestCase(8, "0x1 8 7:0 0", "Invalid stripe count")]
    [TestCase(8, "4294967297 8", "Invalid stripe count", Description = "kstrtouint does not wrap")]
    [TestCase(8, "1 0 7:0 0", "Invalid chunk_size")]
    [TestCase(8, "3 8 7:0 0 7:0 0 7:0 0", "Target length not divisible by number of stripes")]
    [TestCase(8, "1 3 7:0 0", "Target length not divisible by chunk size")]
    [TestCase(8, "1 8", "Not enough destinations specified")]
    [TestCase(8, "1 8 7:0 0 7:0", "Not enough destinations specified")]
    [TestCase(8, "1 8 7:0 x", "Couldn't parse stripe destination")]
    [TestCase(8, "1 8 8:66 x", "Couldn't parse stripe destination", Description = "the sector is read before the device")]
    [TestCase(8, "1 8 8:66 0", "Couldn't parse stripe destination", Errno.ENXIO)]
    public void Refuses(int length, string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048).Refusal($"0 {length} striped {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("+1 8 7:0 0", "1 8 7:0 0", Description = "kstrtouint takes a plus")]
    [TestCase("2 4 7:0 0 7:1 9", "2 4 7:0 0 7:1 9")]
    public void Shows_its_table(string arguments, string shown)
    {
        var machine = new TestMachine(2048, 2048);
        machine.Create("d", $"0 8 striped {arguments}");
        Assert.That(machine.Table("d"), Is.EqualTo($"0 8 striped {shown}"));
    }

    [Test]
    public void Puts_chunks_on_the_devices_in_turn()
    {
        var machine = new TestMachine(64, 64, 64);
        using var file = machine.Open(machine.Create("d", "0 18 striped 3 2 7:0 0 7:1 10 7:2 20"));
        for (byte i = 0; i < 18; i++)
            file.Write(i, 1, i);
        using var second = machine.Loop(1);
        Assert.That(second.Sectors(9, 8), Is.EqualTo("00 02 03 08 09 0e 0f 00"));
        Assert.That(file.Sectors(0, 18), Is.EqualTo("00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11"));
    }

    /// <summary>Any range: what a write puts there is what a read finds, and a discard takes away that and no more.</summary>
    [FsCheck.NUnit.Property(MaxTest = 200)]
    public void Discards_exactly_its_range(byte stripes, byte chunk, byte from, byte count)
    {
        int stripeCount = stripes % 4 + 1, chunkSectors = chunk % 7 + 1;
        int length = stripeCount * chunkSectors * 5;
        int first = from % length, sectors = Math.Min(count % length + 1, length - first);
        var machine = new TestMachine(64, 64, 64, 64);
        string devices = string.Concat(Enumerable.Range(0, stripeCount).Select(i => $" 7:{i} {i}"));
        using var file = machine.Open(machine.Create("d", $"0 {length} striped {stripeCount} {chunkSectors}{devices}"));
        file.Write(0, length, 0xaa);
        Assert.That(file.Discard((ulong)first, (ulong)sectors), Is.EqualTo(Errno.None));
        string expected = string.Join(' ', Enumerable.Range(0, length).Select(i => i >= first && i < first + sectors ? "00" : "aa"));
        Assert.That(file.Sectors(0, length), Is.EqualTo(expected));
    }

    [Test]
    public void Status_names_the_devices_and_which_of_them_failed()
    {
        var machine = new TestMachine(64);
        machine.Create("bad", "0 8 error");
        using var file = machine.Open(machine.Create("d", "0 16 striped 2 4 7:0 0 254:0 0"));
        Assert.That(machine.Status("d"), Is.EqualTo("0 16 striped 2 7:0 254:0 1 AA"));
        Assert.That(file.Read(0, 16, out _), Is.EqualTo(Errno.EIO));
        Assert.That(machine.Status("d"), Is.EqualTo("0 16 striped 2 7:0 254:0 1 AD"));
        Assert.That(machine.EventNr("d"), Is.EqualTo(1), "two failed chunks are one event");
    }

    [Test]
    public void Raises_no_event_from_the_fifteenth_error_on()
    {
        var machine = new TestMachine(64);
        machine.Create("bad", "0 8 error");
        using var file = machine.Open(machine.Create("d", "0 16 striped 2 4 7:0 0 254:0 0"));
        for (int i = 0; i < 20; i++)
            file.Read(4, 1, out _);
        Assert.That(machine.EventNr("d"), Is.EqualTo(14));
    }

    [Test]
    public void Suggests_whole_chunks_and_rows()
    {
        var machine = new TestMachine(64, 64);
        using var file = machine.Open(machine.Create("d", "0 32 striped 2 16 7:0 0 7:1 0"));
        var limits = file.Handle.Limits();
        Assert.That((limits.IoMin, limits.IoOpt, limits.ChunkSectors), Is.EqualTo((8192u, 16384u, 0ul)));
    }
}
