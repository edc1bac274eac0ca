using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>
/// "START LENGTH thin-pool METADATA-DEVICE DATA-DEVICE BLOCK-SIZE LOW-WATER-MARK", then a count of features and the features. What a
/// pool does over time is in the transcripts (tests/Property/Thin/Transcripts).
/// </summary>
public sealed class ThinPoolTargetTests
{
    [TestCase("7:0 7:1 128", "Invalid argument count")]
    [TestCase("7:0 7:0 128 0", "Error setting metadata or data device")]
    [TestCase("9:9 7:1 128 0", "Error opening metadata block device", Errno.ENXIO)]
    [TestCase("7:0 9:9 128 0", "Error getting data device", Errno.ENXIO)]
    [TestCase("7:0 7:1 64 0", "Invalid block size")]
    [TestCase("7:0 7:1 185 0", "Invalid block size")]
    [TestCase("7:0 7:1 2097280 0", "Invalid block size")]
    [TestCase("7:0 7:1 128 -1", "Invalid low water mark")]
    [TestCase("7:0 7:1 128 0 5", "Invalid number of pool feature arguments")]
    [TestCase("7:0 7:1 128 0 1", "Invalid number of pool feature arguments")]
    [TestCase("7:0 7:1 128 0 1 foo", "Unrecognised pool feature requested")]
    [TestCase("7:0 7:1 128 0 1 read_only", "Error creating metadata object", Errno.EPERM)]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(2048, 8192).Refusal($"0 8192 thin-pool {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("128 10", "128 10 0 ")]
    [TestCase("+256 10 2 NO_DISCARD_PASSDOWN skip_block_zeroing", "256 10 2 skip_block_zeroing no_discard_passdown ")]
    [TestCase("2097152 0 1 error_if_no_space and more", "2097152 0 1 error_if_no_space ")]
    public void Shows_its_table(string arguments, string shown)
    {
        var machine = new TestMachine(2048, 8192);
        machine.Create("pool", $"0 8192 thin-pool 7:0 7:1 {arguments}");
        Assert.That(machine.Table("pool"), Is.EqualTo($"0 8192 thin-pool 7:0 7:1 {shown}"));
    }

    [Test]
    public void Must_stand_alone_in_its_table_and_cannot_be_replaced_by_another_type()
    {
        var machine = new TestMachine(2048, 8192);
        machine.Create("pool", "0 8192 thin-pool 7:0 7:1 128 0");
        Assert.That(machine.Load("pool", "0 8192 linear 7:1 0"), Is.EqualTo(Errno.EINVAL));
        Assert.That(machine.Load("pool", "0 4096 thin-pool 7:0 7:1 128 0\n4096 4096 zero"), Is.EqualTo(Errno.EINVAL));
        Assert.That(machine.Log(), Does.Contain("device-mapper: ioctl: can't replace immutable target type thin-pool")
            .And.Contain("device-mapper: table: 254:0: target type thin-pool must appear alone in table"));
    }

    [Test]
    public void Gives_its_devices_back_and_finds_its_metadata_again()
    {
        var machine = new TestMachine(2048, 8192);
        machine.Create("pool", "0 8192 thin-pool 7:0 7:1 128 0");
        string before = machine.Status("pool");
        Assert.That(machine.Remove("pool"), Is.EqualTo(Errno.None));
        machine.Create("pool", "0 8192 thin-pool 7:0 7:1 128 0");
        Assert.That(machine.Status("pool"), Is.EqualTo(before));
    }
}
