using System.Globalization;
using DmSim.Kernel.Interop;

namespace DmSim.Agent;

/// <summary>
/// Which of several runnable threads goes on is, under the fair scheduler, a matter of microseconds used before. SCHED_FIFO at one priority
/// has a rule instead: who was woken first runs first, until it sleeps (kernel/sched/rt.c, 6.1). Races of kernel threads are then
/// decided by the order of their waking, on every run, and a model can know it.
/// </summary>
internal static class FirstComeFirstServed
{
    /// <summary>The middle of the range: .NET gives it to every thread that it makes under this policy, and all must have the same.</summary>
    private const int Priority = 50;

    private const int Self = 0;

    /// <summary>Of a thread that suspends.</summary>
    private const int SuspenderPriority = Priority + 1;

    /// <summary>
    /// The kernel threads that do a system call's work: workers, what ends a grace period, the maker of device nodes, and, where they have one, the
    /// thread of a loop device.
    /// </summary>
    private static readonly string[] Names = ["kworker/", "rcu_", "kdevtmpfs", "ksoftirqd/", "loop"];

    /// <summary>Since then a loop device's work is done by workers (loop_queue_work, drivers/block/loop.c, commit 87579e9b7d8d).</summary>
    private static readonly Version s_loopWorkersSince = new(5, 14);

    /// <summary>Whether this kernel makes a thread for each loop device when it is given a file (loop_prepare_queue, drivers/block/loop.c, 5.10).</summary>
    public static bool HasLoopThreads { get; } =
        Version.TryParse(File.ReadAllText("/proc/sys/kernel/osrelease").Split('-', '+')[0].Trim(), out var release) && release < s_loopWorkersSince;

    /// <summary>The calling thread and those it starts from now on. Nothing is taken back from threads that run for long.</summary>
    public static void JoinSelf()
    {
        File.WriteAllText("/proc/sys/kernel/sched_rt_runtime_us", "-1");
        Join(Self);
    }

    /// <summary>The threads that there were when it was last looked: the names of those need no reading again.</summary>
    private static HashSet<int> s_known = [];

    /// <summary>The kernel threads that there are now. Workers that are made later run when all of these sleep, until this is called again.</summary>
    public static void JoinKernelThreads()
    {
        var now = new HashSet<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && now.Add(pid)
                && !s_known.Contains(pid) && NameOf(folder) is { } name && IsOurs(name))
                Join(pid);
        }
        s_known = now;
    }

    /// <summary>Null when the thread has ended meanwhile.</summary>
    private static string? NameOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// A thread that suspends a device, or has done so, goes before all others. A target that hands its bios back has them queued for the
    /// device's worker before it wakes the suspender (thin_presuspend, drivers/md/dm-thin.c). The worker would submit them, and get them
    /// back, for ever (dm_wq_work, dm_handle_requeue, drivers/md/dm.c, 6.1): only the suspender stops it, with DMF_BLOCK_IO_FOR_SUSPEND,
    /// and under SCHED_FIFO at one priority its turn never comes.
    /// </summary>
    public static void Suspending(bool begins) => Libc.SetFifoScheduler(Self, begins ? SuspenderPriority : Priority);

    /// <summary>
    /// The I/O of a real-time thread would be of the class of that name (task_nice_ioclass, include/linux/ioprio.h, 6.1), which log lines tell.
    /// </summary>
    private static void Join(int thread)
    {
        Libc.SetFifoScheduler(thread, Priority);
        Libc.SetBestEffortIo(thread);
    }

    private static bool IsOurs(string name) => Array.Exists(Names, start => name.StartsWith(start, StringComparison.Ordinal));
}
