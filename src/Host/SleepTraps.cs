using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>nanosleep(2), clock_nanosleep(2) and alarms in virtual time.</summary>
internal sealed class SleepTraps
{
    private readonly Simulation _simulation;
    private readonly Supervisor _supervisor;
    private readonly VirtualTime _time;
    private readonly ClockTraps _clock;

    public SleepTraps(Simulation simulation, Supervisor supervisor, VirtualTime time, ClockTraps clock)
    {
        _clock = clock;
        _simulation = simulation;
        _supervisor = supervisor;
        _time = time;
        supervisor.Handle(Libc.SYS_nanosleep, call => Sleep(call, call.Argument(0), untilInstant: false));
        supervisor.Handle(Libc.SYS_clock_nanosleep, call =>
        {
            // The time that a process has worked is the host's to count.
            if ((int)call.Argument(0) is Libc.CLOCK_PROCESS_CPUTIME_ID or Libc.CLOCK_THREAD_CPUTIME_ID or < 0)
                supervisor.Continue(call);
            else
                Sleep(call, call.Argument(2), (call.Argument(1) & Libc.TIMER_ABSTIME) != 0);
        });
        supervisor.Handle(Libc.SYS_timer_settime, call => SetTimer(call, (long)(call.Argument(0) & uint.MaxValue),
            (call.Argument(1) & Libc.TIMER_ABSTIME) != 0 ? 0 : call.Argument(2), nanoseconds: true));
        supervisor.Handle(Libc.SYS_setitimer, call => SetTimer(call, -1, call.Argument(0) == 0 ? call.Argument(1) : 0, nanoseconds: false));
    }

    /// <summary>
    /// A timer that ends in SIGALRM, as that of timeout(1): it is set on the host as well, and rings here when its virtual time comes
    /// first. What it interrupts is a sleep of hours, perhaps.
    /// </summary>
    private void SetTimer(TrappedCall call, long timer, ulong value, bool nanoseconds)
    {
        Span<long> fields = stackalloc long[4];
        if (value != 0 && Libc.ReadMemory(call.Thread, value, MemoryMarshal.AsBytes(fields)).Count == fields.Length * sizeof(long)
            && fields[2] is >= 0 and < 1_000_000_000 && Processes.GroupOf(call.Thread) is > 0 and var process)
        {
            var duration = TimeSpan.FromSeconds(fields[2]) + (nanoseconds ? TimeSpan.FromTicks(fields[3] / 100) : TimeSpan.FromMicroseconds(fields[3]));
            string started = Processes.StartOf(process);
            _simulation.Enter();
            bool isThere() => Processes.StartOf(process) == started && Processes.StateOf($"{process}") is not 'Z';
            _time.SetAlarm((process, timer), _simulation.Machine.Clock.Now, duration == TimeSpan.Zero ? null : duration, () =>
            {
                if (isThere())
                    _ = Libc.Kill(process, Libc.SIGALRM);
            }, isThere);
            _simulation.Exit();
        }
        _supervisor.Continue(call);
    }

    private void Sleep(TrappedCall call, ulong request, bool untilInstant)
    {
        timespec time = default;
        if (Libc.ReadMemory(call.Thread, request, MemoryMarshal.AsBytes(new Span<timespec>(ref time))).Errno != Errno.None
            || time.tv_sec < 0 || time.tv_nsec is < 0 or > 999_999_999 || time.tv_sec > TimeSpan.MaxValue.TotalSeconds - 1)
        {
            _supervisor.Continue(call);
            return;
        }
        var duration = time.ToTimeSpan();
        if (untilInstant)
            duration -= ClockTraps.Clocks.Contains((int)call.Argument(0)) ? _clock.Now() : Libc.MonotonicNow();
        _simulation.Enter();
        _time.Sleep(_simulation.Machine.Clock.Now, duration < TimeSpan.Zero ? TimeSpan.Zero : duration, () => _supervisor.Return(call, 0),
            () => _supervisor.IsValid(call));
        _simulation.Exit();
    }
}
