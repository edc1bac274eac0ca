using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// What time it is, in virtual time: a sleep that costs nothing has passed for whoever looks at the clock. This is CLOCK_REALTIME, as date(1)
/// and bash read it; CLOCK_MONOTONIC stays that of the host, by which programs wait.
/// </summary>
internal sealed class ClockTraps
{
    /// <summary>The clocks that are answered here.</summary>
    public static readonly int[] Clocks = [Libc.CLOCK_REALTIME, Libc.CLOCK_REALTIME_COARSE, Libc.CLOCK_TAI];

    /// <summary>How long a waiter for a futex is kept before it has to look again whether somebody has woken it meanwhile.</summary>
    private static readonly TimeSpan FutexSlice = TimeSpan.FromMilliseconds(10);

    private readonly Simulation _simulation;
    private readonly Supervisor _supervisor;
    private readonly VirtualTime _time;

    // Since 1970. It begins with a whole second, so that a script sees the same seconds change whenever it is run.
    private TimeSpan _shown;
    private TimeSpan _machineBefore;
    private TimeSpan _wallBefore = Libc.MonotonicNow();

    public ClockTraps(Simulation simulation, Supervisor supervisor, VirtualTime time)
    {
        _simulation = simulation;
        _supervisor = supervisor;
        _time = time;
        _shown = TimeSpan.FromSeconds(Libc.RealTimeNow().tv_sec + 1);
        _machineBefore = simulation.Machine.Clock.Now;
        supervisor.Handle(Libc.SYS_clock_gettime, call => Show(call, call.Argument(1), static now => now.Ticks % TimeSpan.TicksPerSecond * 100));
        supervisor.Handle(Libc.SYS_gettimeofday, ShowTimeOfDay);
        supervisor.Handle(Libc.SYS_time, ShowSeconds);
        supervisor.Handle(Libc.SYS_futex, WaitForFutex);
    }

    /// <summary>
    /// The time now. Between two looks passes what has passed on the machine, or on the wall if that is more: a program may wait in a way
    /// that is not seen here.
    /// </summary>
    public TimeSpan Now()
    {
        _simulation.Enter();
        var machine = _simulation.Machine.Clock.Now;
        var wall = Libc.MonotonicNow();
        var passed = machine - _machineBefore;
        if (wall - _wallBefore > passed)
            passed = wall - _wallBefore;
        (_machineBefore, _wallBefore) = (machine, wall);
        var now = _shown += passed;
        _simulation.Exit();
        return now;
    }

    /// <summary>Writes struct timespec or struct timeval; a null pointer is the caller's to fail with.</summary>
    private void Show(TrappedCall call, ulong address, Func<TimeSpan, long> fraction)
    {
        var now = Now();
        ReadOnlySpan<long> fields = [now.Ticks / TimeSpan.TicksPerSecond, fraction(now)];
        var written = Libc.WriteMemory(call.Thread, address, MemoryMarshal.AsBytes(fields));
        _supervisor.Answer(call, written.Errno == Errno.None ? Errno.None : Errno.EFAULT);
    }

    private void ShowTimeOfDay(TrappedCall call)
    {
        ulong zone = call.Argument(1);
        if (zone != 0 && Libc.WriteMemory(call.Thread, zone, new byte[2 * sizeof(int)]).Errno != Errno.None)
            _supervisor.Fail(call, Errno.EFAULT);
        else if (call.Argument(0) == 0)
            _supervisor.Return(call, 0);
        else
            Show(call, call.Argument(0), static now => now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
    }

    private void ShowSeconds(TrappedCall call)
    {
        long seconds = Now().Ticks / TimeSpan.TicksPerSecond;
        if (call.Argument(0) != 0 && Libc.WriteMemory(call.Thread, call.Argument(0), MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in seconds))).Errno != Errno.None)
            _supervisor.Fail(call, Errno.EFAULT);
        else
            _supervisor.Return(call, seconds);
    }

    /// <summary>
    /// FUTEX_WAIT_BITSET until an instant of CLOCK_REALTIME, as pthread_cond_timedwait(3) does: the host's clock is behind. EAGAIN makes the
    /// caller look at what it waits for, and wait again.
    /// </summary>
    private void WaitForFutex(TrappedCall call)
    {
        timespec until = default;
        if (Libc.ReadMemory(call.Thread, call.Argument(3), MemoryMarshal.AsBytes(new Span<timespec>(ref until))).Errno != Errno.None
            || until.tv_sec is < 0 or > (long)1e11)
        {
            _supervisor.Continue(call);
            return;
        }
        var left = until.ToTimeSpan() - Now();
        if (left <= TimeSpan.Zero)
        {
            _supervisor.Fail(call, Errno.ETIMEDOUT);
            return;
        }
        _simulation.Enter();
        _time.Sleep(_simulation.Machine.Clock.Now, left < FutexSlice ? left : FutexSlice, () => _supervisor.Fail(call, Errno.EAGAIN),
            () => _supervisor.IsValid(call));
        _simulation.Exit();
    }
}
