using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    public static Errno SetTimerSlack(TimeSpan slack) =>
        prctl(PR_SET_TIMERSLACK, checked((nuint)slack.TotalNanoseconds), 0, 0, 0) < 0 ? LastErrno : Errno.None;

    /// <summary>What the kernel calls the calling thread in its log (15 characters at most).</summary>
    public static Errno SetThreadName(string name)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + "\0"))
            return prctl(PR_SET_NAME, (nuint)text, 0, 0, 0) < 0 ? LastErrno : Errno.None;
    }

    /// <summary>sched_setscheduler(2): SCHED_FIFO for a thread, 0 for the calling one.</summary>
    public static Errno SetFifoScheduler(int thread, int priority)
    {
        var parameter = new sched_param { sched_priority = priority };
        return sched_setscheduler(thread, SCHED_FIFO, &parameter) < 0 ? LastErrno : Errno.None;
    }

    /// <summary>sched_getcpu(3): the processor that the calling thread runs on.</summary>
    public static int Processor => sched_getcpu();

    /// <summary>sched_setaffinity(2): the calling thread, and what it starts from now on, run on one processor only.</summary>
    public static Errno StayOnProcessor(int processor)
    {
        Span<ulong> mask = stackalloc ulong[CPU_SETSIZE / 64];
        mask.Clear();
        if ((uint)processor >= CPU_SETSIZE)
            return Errno.EINVAL;
        mask[processor / 64] = 1ul << (processor % 64);
        fixed (ulong* bits = mask)
            return sched_setaffinity(0, CPU_SETSIZE / 8, bits) < 0 ? LastErrno : Errno.None;
    }

    /// <summary>ioprio_set(2), for which glibc has no function: the usual class, whatever the scheduler's is.</summary>
    public static Errno SetBestEffortIo(int thread) =>
        syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, thread, (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | IOPRIO_NORM) < 0
            ? LastErrno : Errno.None;

    /// <summary>reboot(2): RB_AUTOBOOT or RB_POWER_OFF. Comes back only on refusal.</summary>
    public static Errno Reboot(int command) => reboot(command) < 0 ? LastErrno : Errno.None;

    /// <summary>
    /// Lets <see cref="Interrupt"/> end system calls that a signal can end. The handler is getpid(2): it may be called at any
    /// moment (signal-safety(7)), and does nothing.
    /// </summary>
    public static void PrepareForInterrupts()
    {
        _ = signal(SIGUSR2, NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "getpid"));
        _ = siginterrupt(SIGUSR2, 1);
    }

    public static int ThreadId => gettid();

    /// <summary>Sends a thread of this process the signal that interrupts a system call.</summary>
    public static void Interrupt(int thread) => _ = syscall(SYS_tgkill, Environment.ProcessId, thread, SIGUSR2);

    [LibraryImport(Library)]
    private static partial nint signal(int number, nint handler);

    [LibraryImport(Library)]
    private static partial int siginterrupt(int number, int flag);

    [LibraryImport(Library)]
    private static partial int gettid();

    public static uint EffectiveUser => geteuid();

    [LibraryImport(Library, SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int sched_setscheduler(int thread, int policy, sched_param* parameter);

    [LibraryImport(Library)]
    private static partial int sched_getcpu();

    [LibraryImport(Library, SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int reboot(int command);

    [LibraryImport(Library)]
    private static partial uint geteuid();
}
