using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>
/// "START LENGTH snapshot ORIGIN COW-DEVICE P|PO|N CHUNK-SIZE", then a count of features and the features. What a snapshot does over
/// time is in the transcripts (tests/Property/Snapshots/Transcripts).
/// </summary>
public sealed class SnapshotTargetTests
{
    [TestCase("7:0 7:1 P", "requires 4 or more arguments")]
    [TestCase("9:9 7:1 P 8", "Cannot get origin device", Errno.ENXIO)]
    [TestCase("7:0 9:9 P 8", "Cannot get COW device", Errno.ENXIO)]
    [TestCase("7:0 /dev/loop0 P 8", "COW device cannot be the same as origin device")]
    [TestCase("7:0 7:1 X 8", "Couldn't create exception store")]
    [TestCase("7:0 7:1 PX 8", "Couldn't create exception store")]
    [TestCase("7:0 7:1 P 7", "Couldn't create exception store")]
    [TestCase("7:0 7:1 P 4194304", "Couldn't create exception store", Description = "the largest is 2^21 sectors")]
    [TestCase("7:0 7:1 N 0", "Chunk size not set")]
    [TestCase("7:0 7:1 P 8 3", "Invalid number of feature arguments")]
    [TestCase("7:0 7:1 P 8 1 foo", "Unrecognised feature requested")]
    [TestCase("7:0 7:1 P 8 1 discard_passdown_origin", "discard_passdown_origin feature depends on discard_zeroes_cow")]
    public void Refuses(string arguments, string reason, Errno errno = Errno.EINVAL) =>
        Assert.That(new TestMachine(512, 512).Refusal($"0 512 snapshot {arguments}"), Is.EqualTo((errno, reason)));

    [TestCase("P 0", "P 32")]
    [TestCase("p +16", "P 16")]
    [TestCase("pOverflow 8", "PO 8")]
    [TestCase("Nothing 2097152 0", "N 2097152")]
    [TestCase("P 8 2 DISCARD_PASSDOWN_ORIGIN discard_zeroes_cow more", "P 8 2 discard_zeroes_cow discard_passdown_origin")]
    public void Shows_its_table(string arguments, string shown)
    {
        var machine = new TestMachine(512, 512);
        machine.Create("snap", $"0 512 snapshot 7:0 7:1 {arguments}");
        Assert.That(machine.Table("snap"), Is.EqualTo($"0 512 snapshot 7:0 7:1 {shown}"));
    }

    [TestCase(0u, 8, "24/512 16", Description = "one whole chunk")]
    [TestCase(6u, 4, "32/512 16", Description = "parts of two")]
    [TestCase(8u, 64, "80/512 16")]
    public void Takes_a_chunk_of_the_COW_device_for_every_chunk_that_is_written(uint sector, int count, string usage)
    {
        var machine = new TestMachine(512, 512);
        using var file = machine.Open(machine.Create("snap", "0 512 snapshot 7:0 7:1 P 8"));
        Assert.That(file.Write(sector, count, 0x11), Is.EqualTo(Errno.None));
        Assert.That(machine.Status("snap"), Is.EqualTo($"0 512 snapshot {usage}"));
    }

    [Test]
    public void Finds_its_exceptions_again_after_it_was_removed()
    {
        var machine = new TestMachine(512, 512);
        using (var file = machine.Open(machine.Create("snap", "0 512 snapshot 7:0 7:1 P 8")))
            Assert.That(file.Write(3, 2, 0x22), Is.EqualTo(Errno.None));
        string before = machine.Status("snap");
        Assert.That(machine.Remove("snap"), Is.EqualTo(Errno.None));
        using var again = machine.Open(machine.Create("snap", "0 512 snapshot 7:0 7:1 P 8"));
        Assert.That(machine.Status("snap"), Is.EqualTo(before));
        Assert.That(again.Sectors(2, 4), Is.EqualTo("00 22 22 00"));
    }
}
