namespace DmSim.Model.Machine;

/// <summary>The kernel's tick: Debian's kernels have CONFIG_HZ=250.</summary>
public static class Jiffies
{
    public const long PerSecond = 250;

    private const long TicksPerJiffy = TimeSpan.TicksPerSecond / PerSecond;

    /// <summary>jiffies at an instant.</summary>
    public static long At(TimeSpan instant) => instant.Ticks / TicksPerJiffy;

    /// <summary>The instant at which jiffies becomes that value.</summary>
    public static TimeSpan ToInstant(long jiffies) =>
        jiffies > long.MaxValue / TicksPerJiffy ? TimeSpan.MaxValue : new TimeSpan(jiffies * TicksPerJiffy);

    /// <summary>msecs_to_jiffies: rounds up (kernel/time/time.c). More than INT_MAX means for ever, as there.</summary>
    public static long FromMilliseconds(uint milliseconds) =>
        milliseconds > int.MaxValue ? MaxOffset : (milliseconds + 3L) / 4;

    /// <summary>MAX_JIFFY_OFFSET.</summary>
    public const long MaxOffset = (long.MaxValue >> 1) - 1;
}
