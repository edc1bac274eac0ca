namespace DmSim.Model.Machine;

/// <summary>
/// When a kernel timer really fires (kernel/time/timer.c, calc_wheel_index, 6.1): one tick late when it is near, and the farther off
/// it is the more coarsely its instant is rounded up. The model's tick 0 lies on every boundary of the wheel.
/// </summary>
public static class TimerWheel
{
    /// <summary>LVL_SIZE - 1: ticks that the finest level reaches.</summary>
    private const long FinestReach = 63;

    private const int LevelShift = 3;
    private const int Levels = 9;

    /// <summary>The tick at which a timer for <paramref name="expires"/> fires that is armed at <paramref name="now"/>.</summary>
    public static long FiresAt(long now, long expires)
    {
        int shift = Level(now, expires) * LevelShift;
        return ((Math.Max(expires, now) >> shift) + 1) << shift;
    }

    private static int Level(long now, long expires)
    {
        long delta = Math.Max(expires - now, 0);
        int level = 0;
        while (level < Levels - 1 && delta >= FinestReach << (level * LevelShift))
            level++;
        return level;
    }

    /// <summary>mod_timer on a new timer: calls <paramref name="action"/> when the tick comes.</summary>
    public static VirtualTimer Arm(VirtualTime time, long expires, Action action)
    {
        long now = Jiffies.At(time.Now);
        return time.Schedule(Jiffies.ToInstant(FiresAt(now, expires)), action, Level(now, expires));
    }
}
