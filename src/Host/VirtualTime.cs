using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// Time that passes only when nothing else happens: once every program inside sleeps, the clock jumps to the next instant at which
/// one of them wakes or a timer of the kernel fires. A second of sleep costs no second.
/// </summary>
internal sealed class VirtualTime : IClockMode
{
    /// <summary>Between two looks that must find everybody asleep, and between looks while somebody is still at work.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(0.3);

    private readonly Bell _changed = new();
    private readonly Lock _gate = new();
    private readonly List<Sleeper> _sleepers = [];
    private Func<bool> _everybodySleeps = static () => false;

    /// <param name="Until">The instant on the machine's clock.</param>
    /// <param name="Latest">The same on the wall clock: a program that never rests must not keep others asleep for longer than on a real machine.</param>
    private sealed record Sleeper(TimeSpan Until, TimeSpan Latest, Action Wake);

    public void Entered(Simulation simulation) { }

    public void Changed() => _changed.Ring();

    /// <summary>Puts a caller to sleep; inside the simulation.</summary>
    public void Sleep(TimeSpan now, TimeSpan duration, Action wake)
    {
        lock (_gate)
            _sleepers.Add(new Sleeper(Later(now, duration), Later(Libc.MonotonicNow(), duration), wake));
        _changed.Ring();
    }

    private static TimeSpan Later(TimeSpan from, TimeSpan by) => by > TimeSpan.MaxValue - from ? TimeSpan.MaxValue : from + by;

    /// <summary>For ever.</summary>
    public void Run(Simulation simulation, Func<bool> everybodySleeps)
    {
        _everybodySleeps = everybodySleeps;
        while (true)
        {
            if (!SomebodyWaits(simulation))
            {
                _changed.Wait();
                continue;
            }
            if (Rests() || IsOverdue())
                Step(simulation);
        }
    }

    private bool SomebodyWaits(Simulation simulation)
    {
        lock (_gate)
            return _sleepers.Count > 0 || simulation.Pending > 0;
    }

    private bool Rests()
    {
        for (int look = 0; look < 2; look++)
        {
            Thread.Sleep(LookAgain);
            if (!_everybodySleeps())
                return false;
        }
        return true;
    }

    private bool IsOverdue()
    {
        var wall = Libc.MonotonicNow();
        lock (_gate)
            return _sleepers.Any(sleeper => sleeper.Latest <= wall);
    }

    /// <summary>To the next instant at which something happens.</summary>
    private void Step(Simulation simulation)
    {
        List<Sleeper> due;
        simulation.Enter();
        var machine = simulation.Machine;
        lock (_gate)
        {
            var wakes = _sleepers.Count == 0 ? (TimeSpan?)null : _sleepers.Min(sleeper => sleeper.Until);
            var fires = machine.NextTimer;
            var next = wakes is null ? fires : fires is null || wakes < fires ? wakes : fires;
            if (next is { } instant)
                simulation.AdvanceTo(instant > machine.Clock.Now ? instant : machine.Clock.Now);
            due = [.. _sleepers.Where(sleeper => sleeper.Until <= machine.Clock.Now).OrderBy(sleeper => sleeper.Until)];
            _sleepers.RemoveAll(due.Contains);
        }
        bool idle = due.Count == 0 && machine.NextTimer is null;
        simulation.Exit();
        due.ForEach(sleeper => sleeper.Wake());
        // Nothing is going to happen by itself: somebody waits for what another program does.
        if (idle)
            _changed.Wait(TimeSpan.FromMilliseconds(20));
    }
}

/// <summary>nanosleep(2) and clock_nanosleep(2) in virtual time.</summary>
internal sealed class SleepTraps
{
    private readonly Simulation _simulation;
    private readonly Supervisor _supervisor;
    private readonly VirtualTime _time;

    public SleepTraps(Simulation simulation, Supervisor supervisor, VirtualTime time)
    {
        _simulation = simulation;
        _supervisor = supervisor;
        _time = time;
        supervisor.Handle(Libc.SYS_nanosleep, call => Sleep(call, call.Argument(0)));
        supervisor.Handle(Libc.SYS_clock_nanosleep, call =>
        {
            // Until an instant of a clock of the host: the host knows when that is.
            if ((call.Argument(1) & Libc.TIMER_ABSTIME) != 0)
                supervisor.Continue(call);
            else
                Sleep(call, call.Argument(2));
        });
    }

    private void Sleep(TrappedCall call, ulong request)
    {
        timespec time = default;
        if (Libc.ReadMemory(call.Thread, request, MemoryMarshal.AsBytes(new Span<timespec>(ref time))).Errno != Errno.None
            || time.tv_sec < 0 || time.tv_nsec is < 0 or > 999_999_999 || time.tv_sec > TimeSpan.MaxValue.TotalSeconds - 1)
        {
            _supervisor.Continue(call);
            return;
        }
        _simulation.Enter();
        _time.Sleep(_simulation.Machine.Clock.Now, time.ToTimeSpan(), () => _supervisor.Return(call, 0));
        _simulation.Exit();
    }
}
