using System.Globalization;
using DmSim.Kernel.Interop;

namespace DmSim.Agent;

/// <summary>
/// A kernel timer that is far off fires at the next multiple of a coarse step of jiffies (kernel/time/timer.c, 6.1), so that what a case
/// sees depends on the jiffy at which it begins. Every batch begins on one at which the steps of all nearer timers begin.
/// </summary>
internal static class TimerWheelAlignment
{
    /// <summary>CONFIG_HZ=250 in Debian's kernels.</summary>
    private static readonly TimeSpan Jiffy = TimeSpan.FromMilliseconds(4);

    /// <summary>The step of level 3 of the wheel, to which a timer of two minutes is rounded.</summary>
    private const long Step = 512;

    private const int Samples = 3;

    private static readonly Lazy<long?> JiffiesAtZero = new(Measure);

    /// <summary>Sleeps until the next such instant. Does nothing where the kernel does not say how it counts.</summary>
    public static void Wait()
    {
        if (JiffiesAtZero.Value is not { } atZero)
            return;
        long jiffy = Libc.MonotonicNow().Ticks / Jiffy.Ticks;
        long next = (atZero + jiffy + Step) / Step * Step;
        Libc.SleepUntil((next - atZero) * Jiffy);
    }

    /// <summary>
    /// What jiffies was, or would have been, at instant zero of CLOCK_MONOTONIC: ticks come at its multiples (tick_init_jiffy_update).
    /// The file is written with the time first and jiffies later, so that the smallest difference is the right one.
    /// </summary>
    private static long? Measure()
    {
        long? least = null;
        for (int i = 0; i < Samples; i++)
        {
            string text;
            try
            {
                text = File.ReadAllText("/proc/timer_list");
            }
            catch (IOException)
            {
                return null;
            }
            if (Number(text, "\nnow at ") is not { } nanoseconds || Number(text, "\njiffies: ") is not { } jiffies)
                return null;
            long atZero = jiffies - nanoseconds / (long)Jiffy.TotalNanoseconds;
            least = Math.Min(least ?? atZero, atZero);
        }
        return least;
    }

    private static long? Number(string text, string before)
    {
        int start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += before.Length;
        int end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return long.TryParse(text.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
