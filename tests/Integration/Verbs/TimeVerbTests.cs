using System.Globalization;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim time [+TIME]</summary>
internal sealed class TimeVerbTests
{
    [Test]
    public void It_moves_the_clock_and_lets_timers_fire()
    {
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk; losetup /dev/loop0 disk
            dmsetup create slow --table "0 1024 delay /dev/loop0 0 600000"
            (dd if=/dev/mapper/slow of=/dev/null count=1 status=none; echo read >done) &
            until [ "$(dmsetup status slow)" = "0 1024 delay 1 0 0" ]; do :; done
            dmsim time +11m >after
            wait; cat done; cut -c 1-2 after
            """, "--wall-clock");
        Assert.That(output, Is.EqualTo("read\n66\n"));
    }

    [Test]
    public void In_virtual_time_asking_costs_none()
    {
        var (_, output) = HostedShell.Run("dmsim time; dmsim time +11m; dmsim time nonsense; echo $?");
        string[] lines = output.Split('\n');
        Assert.That(double.Parse(lines[1], CultureInfo.InvariantCulture) - double.Parse(lines[0], CultureInfo.InvariantCulture), Is.InRange(660, 660.1));
        Assert.That(lines[2..], Is.EqualTo(["dmsim: nonsense is no time: give one such as +60s, +1.5m or +200ms", "4", ""]));
    }

    [Test]
    public void Without_a_machine_around_it_one_sentence_says_where_it_works() =>
        Assert.That(Dmsim.Run(null, "time"), Is.EqualTo((4, "", "dmsim: There is no simulated machine around this command: 'dmsim time' works inside 'dmsim sh'.\n")));
}
