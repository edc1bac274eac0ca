using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// Time that passes only when nothing else happens: once every program inside sleeps, the clock jumps to the next instant at which
/// one of them wakes or a timer of the kernel fires. A second of sleep costs no second.
/// </summary>
internal sealed class VirtualTime : IClockMode
{
    /// <summary>Between two looks.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(0.3);

    private readonly Bell _changed = new();
    private readonly Lock _gate = new();
    private readonly List<Sleeper> _sleepers = [];

    /// <param name="Until">The instant on the machine's clock.</param>
    /// <param name="Latest">
    /// The same on the wall clock: a program that never rests must not keep others asleep for ever. See <see cref="IsOverdue"/>.
    /// </param>
    /// <param name="IsThere">Whether he still sleeps: one who was killed, or has ended before his alarm, moves no clock.</param>
    private sealed record Sleeper(TimeSpan Until, TimeSpan Latest, Action Wake, Func<bool> IsThere)
    {
        public TimeSpan Duration { get; init; }

        /// <summary>How much the programs inside had worked when it was first looked at; null before.</summary>
        public TimeSpan? WorkedBefore { get; set; }

        /// <summary>Set for an alarm: whose, and which of his timers.</summary>
        public (int Process, long Timer)? Key { get; init; }
    }

    public void Entered(Simulation simulation)
    {
        if (Interlocked.Exchange(ref _calls, 0) is > 0 and var calls)
            simulation.AdvanceTo(simulation.Machine.Clock.Now + calls * CallCost);
    }

    /// <summary>
    /// What programs do takes time, here as in a guest of `dmsim vm`, where a dmsetup takes 7.5 ms from start to end, date 3.7 ms and lsblk
    /// 12 ms: counted by the system calls that are seen, of which they make 33, 24 and 96. Without it no time would pass in a script that never
    /// sleeps.
    /// </summary>
    private static readonly TimeSpan CallCost = TimeSpan.FromMicroseconds(180);

    private long _calls;

    /// <summary>Asking dmsim takes the machine no time: a real one could not be asked.</summary>
    public void ProgramWorks(uint thread)
    {
        if (!IsOurOwn(Processes.NameOf(thread)))
            Interlocked.Increment(ref _calls);
    }

    /// <summary>The client that "dmsim" inside is, and .NET's threads in it. A user's own .NET program is taken for one.</summary>
    private static bool IsOurOwn(string name) => name is "dmsim" or "dotnet" || name.StartsWith(".NET", StringComparison.Ordinal);

    public void Changed() => _changed.Ring();

    private volatile bool _standsStill;

    /// <summary>Set, nobody's sleep ends and no timer fires.</summary>
    public bool StandsStill
    {
        get => _standsStill;
        set
        {
            _standsStill = value;
            _changed.Ring();
        }
    }

    /// <summary>Puts a caller to sleep; inside the simulation.</summary>
    public void Sleep(TimeSpan now, TimeSpan duration, Action wake, Func<bool> isThere)
    {
        lock (_gate)
            _sleepers.Add(new Sleeper(Later(now, duration), Later(Libc.MonotonicNow(), duration), wake, isThere) { Duration = duration });
        _changed.Ring();
    }

    /// <summary>Arms an alarm in place of an earlier one of the same key; inside the simulation.</summary>
    public void SetAlarm((int Process, long Timer) key, TimeSpan now, TimeSpan? duration, Action ring, Func<bool> isThere)
    {
        lock (_gate)
        {
            _sleepers.RemoveAll(sleeper => sleeper.Key == key);
            if (duration is { } due)
                _sleepers.Add(new Sleeper(Later(now, due), TimeSpan.MaxValue, ring, isThere) { Key = key });
        }
        _changed.Ring();
    }

    private static TimeSpan Later(TimeSpan from, TimeSpan by) => by > TimeSpan.MaxValue - from ? TimeSpan.MaxValue : from + by;

    /// <summary>For ever.</summary>
    /// <param name="rests">Whether nothing has happened since it was last asked, and nothing can but by time.</param>
    public void Run(Simulation simulation, Func<bool> rests)
    {
        while (true)
        {
            if (StandsStill || !SomebodyWaits(simulation))
            {
                _changed.Wait();
                continue;
            }
            Thread.Sleep(LookAgain);
            if (rests() || IsOverdue())
                Step(simulation);
        }
    }

    private bool SomebodyWaits(Simulation simulation)
    {
        lock (_gate)
            return _sleepers.Count > 0 || simulation.Pending > 0;
    }

    private ProgramsInside? _programs;

    /// <summary>Whose work is to be looked at.</summary>
    public void Watch(ProgramsInside programs) => _programs = programs;

    /// <summary>
    /// Whether somebody should be awake although others do not rest: they have worked for as long as he wanted to sleep. That the wall
    /// clock says so is not enough: on a busy machine a program may take a second only to start.
    /// </summary>
    private bool IsOverdue()
    {
        var wall = Libc.MonotonicNow();
        lock (_gate)
        {
            if (!_sleepers.Any(sleeper => sleeper.WorkedBefore is null || sleeper.Latest <= wall))
                return false;
        }
        var worked = _programs?.Worked() ?? TimeSpan.Zero;
        lock (_gate)
        {
            foreach (var sleeper in _sleepers)
                sleeper.WorkedBefore ??= worked;
            return _sleepers.Any(sleeper => sleeper.Latest <= wall && worked - sleeper.WorkedBefore >= sleeper.Duration);
        }
    }

    /// <summary>To the next instant at which something happens.</summary>
    private void Step(Simulation simulation)
    {
        List<Sleeper> due;
        simulation.Enter();
        var machine = simulation.Machine;
        lock (_gate)
        {
            _sleepers.RemoveAll(static sleeper => !sleeper.IsThere());
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
