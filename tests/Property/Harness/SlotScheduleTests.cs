using DmSim.Abi;
using DmSim.Harness.Lowering;
using NUnit.Framework;

namespace DmSim.Property.Harness;

/// <summary>How long calls are waited for before what they have done is looked at.</summary>
[TestFixture]
public sealed class SlotScheduleTests
{
    private const int MiB = 1 << 20;

    private static double PatienceMs(MachineCall call) => SlotSchedule.IoPatience(SlotSchedule.Io, call).TotalMilliseconds;

    [Test]
    public void Io_is_waited_for_until_the_observations_begin() =>
        Assert.That(PatienceMs(new MachineCall.Write(0, 0, MiB, 1)), Is.EqualTo(45));

    [Test]
    public void Large_io_takes_a_guest_longer_by_itself_and_is_waited_for_until_the_slot_ends() => Assert.Multiple(() =>
    {
        Assert.That(PatienceMs(new MachineCall.Write(0, 0, MiB + 512, 1)), Is.EqualTo(80));
        Assert.That(PatienceMs(new MachineCall.Discard(0, 0, 25 * MiB)), Is.EqualTo(80));
    });
}
