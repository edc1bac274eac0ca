using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>"START LENGTH error": all I/O fails.</summary>
public sealed class ErrorTargetTests
{
    [Test]
    public void Takes_any_arguments_and_forgets_them()
    {
        var machine = new TestMachine();
        machine.Create("d", "0 8 error 1 2 3");
        Assert.That((machine.Table("d"), machine.Status("d")), Is.EqualTo(("0 8 error ", "0 8 error ")));
    }

    [Test]
    public void Fails_what_reaches_it()
    {
        var machine = new TestMachine();
        using var file = machine.Open(machine.Create("d", "0 8 error"));
        Assert.That(file.Read(0, 1, out _), Is.EqualTo(Errno.EIO));
        Assert.That(file.Write(0, 1, 1), Is.EqualTo(Errno.EIO));
        Assert.That(file.ZeroOut(0, 8), Is.EqualTo(Errno.EIO));
        Assert.That(file.Discard(0, 8), Is.EqualTo(Errno.EOPNOTSUPP), "no discards are offered, so none comes");
        Assert.That(file.Flush(), Is.EqualTo(Errno.None), "nor a flush");
        Assert.That(machine.Log(), Is.Empty);
    }
}
