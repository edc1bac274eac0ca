using DmSim.Model.Machine;
using NUnit.Framework;

namespace DmSim.Property.Machine;

/// <summary>What two delay lines of one table showed on a 6.1 kernel: the log lines of the second came first.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TimerOrderTests
{
    private readonly VirtualTime _time = new();
    private readonly List<string> _fired = [];

    private void Arm(long expires, string name) => TimerWheel.Arm(_time, expires, () => _fired.Add(name));

    [Test]
    public void Of_timers_for_one_tick_the_one_armed_last_fires_first()
    {
        Arm(5, "first");
        Arm(5, "second");
        Arm(4, "earlier");
        _time.AdvanceTo(Jiffies.ToInstant(6));
        Assert.That(_fired, Is.EqualTo(new[] { "earlier", "second", "first" }));
    }

    [Test]
    public void What_was_armed_from_afar_fires_before_what_was_armed_near()
    {
        Arm(71, "from afar: rounded to 72");
        _time.AdvanceTo(Jiffies.ToInstant(60));
        Arm(71, "near");
        _time.AdvanceTo(Jiffies.ToInstant(72));
        Assert.That(_fired, Is.EqualTo(new[] { "from afar: rounded to 72", "near" }));
    }

    [Test]
    public void What_timers_wake_runs_when_all_of_the_tick_have_fired()
    {
        _time.AfterTimer = () => _fired.Add("woken");
        Arm(5, "first");
        Arm(5, "second");
        _time.AdvanceTo(Jiffies.ToInstant(6));
        Assert.That(_fired, Is.EqualTo(new[] { "second", "first", "woken" }));
    }
}
