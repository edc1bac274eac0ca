using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH snapshot-origin DEVICE": what is written to it is copied to its snapshots first.</summary>
public sealed class SnapshotOriginTargetTests
{
    [TestCase("", "origin: incorrect number of arguments")]
    [TestCase("7:0 0", "origin: incorrect number of arguments")]
    [TestCase("9:9", "Cannot get target device", Errno.ENXIO)]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(512).Refusal($"0 512 snapshot-origin {arguments}"), Is.EqualTo((errno, reason)));

    [Test]
    public void Shows_its_device_and_no_status()
    {
        var machine = new TestMachine(512);
        machine.Create("origin", "0 512 snapshot-origin /dev/loop0");
        Assert.That(machine.Table("origin"), Is.EqualTo("0 512 snapshot-origin 7:0"));
        Assert.That(machine.Status("origin"), Is.EqualTo("0 512 snapshot-origin "));
    }

    [Test]
    public void Keeps_what_was_there_for_every_snapshot()
    {
        var machine = new TestMachine(512, 512, 512);
        machine.Create("a", "0 512 snapshot 7:0 7:1 P 8");
        machine.Create("b", "0 512 snapshot 7:0 7:2 N 64");
        using var origin = machine.Open(machine.Create("origin", "0 512 snapshot-origin 7:0"));
        Assert.That(origin.Write(7, 2, 0x33), Is.EqualTo(Errno.None));
        using var a = machine.Open(new DeviceNumber(254, 0));
        using var b = machine.Open(new DeviceNumber(254, 1));
        Assert.That(new[] { origin.Sectors(6, 4), a.Sectors(6, 4), b.Sectors(6, 4) },
            Is.EqualTo(new[] { "00 33 33 00", "00 00 00 00", "00 00 00 00" }));
        Assert.That(machine.Status("a"), Is.EqualTo("0 512 snapshot 32/512 16"));
        Assert.That(machine.Status("b"), Is.EqualTo("0 512 snapshot 64/512 0"));
    }
}
