using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH snapshot-merge ORIGIN COW-DEVICE P|PO CHUNK-SIZE": copies a snapshot back into its origin.</summary>
public sealed class SnapshotMergeTargetTests
{
    [TestCase("7:0 7:1 N 8", "Snapshot exception store does not support snapshot-merge.")]
    [TestCase("7:0 7:1 P", "requires 4 or more arguments")]
    public void Refuses(string arguments, string reason) =>
        Assert.That(new TestMachine(512, 512).Refusal($"0 512 snapshot-merge {arguments}"), Is.EqualTo((Errno.EINVAL, reason)));

    [Test]
    public void Leaves_in_the_origin_what_the_snapshot_had_and_an_empty_store()
    {
        var machine = new TestMachine(512, 512);
        using (var file = machine.Open(machine.Create("snap", "0 512 snapshot 7:0 7:1 P 8")))
        {
            Assert.That(file.Write(8, 8, 0x11), Is.EqualTo(Errno.None));
            Assert.That(file.Write(20, 1, 0x22), Is.EqualTo(Errno.None));
        }
        Assert.That(machine.Remove("snap"), Is.EqualTo(Errno.None));
        using var origin = machine.Open(machine.Create("origin", "0 512 snapshot-merge 7:0 7:1 P 8"));
        Assert.That(machine.Status("origin"), Is.EqualTo("0 512 snapshot-merge 16/512 16"));
        Assert.That(origin.Sectors(14, 8), Is.EqualTo("11 11 00 00 00 00 22 00"));
        using var below = machine.Loop(0);
        Assert.That(below.Sectors(14, 8), Is.EqualTo("11 11 00 00 00 00 22 00"));
    }
}
