using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// The times of the tree's nodes, in order with those of the host's own files. The host stamps a file with the time of its last tick, up to
/// 10 ms ago, and since 6.13 with a finer one now and then: a node has the exact time, so that it is newer than what was written before, and
/// who opens a file to write while the tick of the last node lasts waits for the next, so that the file is newer. On a machine of its
/// own a device takes longer than a tick to appear.
/// </summary>
internal static class NodeClock
{
    // Nanoseconds of CLOCK_REALTIME.
    private static long s_last;

    /// <summary>The st_mtime of a node that is made or changed now.</summary>
    public static timespec Stamp()
    {
        var now = Libc.RealTimeNow();
        Interlocked.Exchange(ref s_last, Nanoseconds(now));
        return now;
    }

    /// <summary>Returns when a file that is stamped from now on is newer than the last node: at once, or within one tick.</summary>
    public static void WaitForNewerFiles()
    {
        // A clock that was set back is not waited for.
        while (Interlocked.Read(ref s_last) is var last && last >= Nanoseconds(Libc.CoarseNow()) && last <= Nanoseconds(Libc.RealTimeNow()))
            Libc.SleepUntil(Libc.MonotonicNow() + TimeSpan.FromMicroseconds(200));
    }

    private static long Nanoseconds(timespec time) => time.tv_sec * 1_000_000_000 + time.tv_nsec;
}
