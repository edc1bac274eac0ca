using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>
/// "START LENGTH thin POOL-DEVICE DEVICE-ID", and a device for what is not written yet. What a volume does with I/O is in the
/// transcripts (tests/Property/Thin/Transcripts).
/// </summary>
public sealed class ThinTargetTests
{
    [TestCase("7:0", "Invalid argument count")]
    [TestCase("7:0 0 7:0", "Error setting origin device")]
    [TestCase("7:0 0 9:9", "Error opening origin device", Errno.ENXIO)]
    [TestCase("9:9 0", "Error opening pool device", Errno.ENXIO)]
    [TestCase("7:0 16777216", "Invalid device id")]
    [TestCase("7:0 0", "Couldn't get pool mapped device")]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048, 8192).Refusal($"0 1280 thin {arguments}"), Is.EqualTo((errno, reason)));

    [Test]
    public void Refuses_a_device_that_is_no_pool_and_a_pool_that_has_no_such_volume()
    {
        var machine = new TestMachine(2048, 8192);
        machine.Create("zero", "0 8 zero");
        machine.Create("pool", "0 8192 thin-pool 7:0 7:1 128 0");
        machine.Log();
        Assert.That(machine.Load("zero", "0 8 thin 254:0 0"), Is.EqualTo(Errno.EINVAL));
        Assert.That(machine.Load("zero", "0 8 thin 254:1 0"), Is.EqualTo(Errno.ENODATA));
        Assert.That(machine.Log(), Does.Contain("device-mapper: table: 254:0: thin: Couldn't find pool object (-EINVAL)")
            .And.Contain("device-mapper: table: 254:0: thin: Couldn't open thin internal device (-ENODATA)"));
    }

    [TestCase(8u, 64, 128)]
    [TestCase(192u, 128, 256, Description = "two halves of two blocks")]
    [TestCase(256u, 256, 256)]
    public void Maps_every_block_that_a_write_touches(uint sector, int count, int mapped)
    {
        var machine = new TestMachine(2048, 8192);
        machine.Create("pool", "0 8192 thin-pool 7:0 7:1 128 0");
        Assert.That(TestMachine.Now(new DmControl(machine.Machine).MessageAsync("pool", "create_thin 5")).Reply.Errno, Is.EqualTo(Errno.None));
        using var file = machine.Open(machine.Create("thin", "0 1280 thin 254:0 5"));
        Assert.That(file.Write(sector, count, 0x11), Is.EqualTo(Errno.None));
        Assert.That(machine.Status("thin"), Does.StartWith($"0 1280 thin {mapped} "));
    }
}
