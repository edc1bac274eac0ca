using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH zero": reads give zeros, writes vanish.</summary>
public sealed class ZeroTargetTests
{
    [Test]
    public void Takes_no_arguments() =>
        Assert.That(new TestMachine().Refusal("0 8 zero 1"), Is.EqualTo((Errno.EINVAL, "No arguments required")));

    [Test]
    public void Forgets_what_is_written()
    {
        var machine = new TestMachine();
        using var file = machine.Open(machine.Create("d", "0 8 zero"));
        Assert.That(file.Write(0, 8, 0x11), Is.EqualTo(Errno.None));
        Assert.That(file.Sectors(0, 8), Is.EqualTo("00 00 00 00 00 00 00 00"));
        Assert.That(file.ZeroOut(0, 8), Is.EqualTo(Errno.None), "zeros can be written");
        Assert.That(file.Flush(), Is.EqualTo(Errno.None), "there is no cache to flush");
    }

    [Test]
    public void Offers_no_discards()
    {
        var machine = new TestMachine();
        using var file = machine.Open(machine.Create("d", "0 8 zero"));
        Assert.That(file.Discard(0, 8), Is.EqualTo(Errno.EOPNOTSUPP));
        Assert.That(file.SecureErase(0, 8), Is.EqualTo(Errno.EOPNOTSUPP));
    }

    [Test]
    public void Shows_nothing_but_its_name()
    {
        var machine = new TestMachine();
        machine.Create("d", "0 8 zero");
        Assert.That((machine.Table("d"), machine.Status("d")), Is.EqualTo(("0 8 zero ", "0 8 zero ")));
    }
}
