using DmSim.Abi;

namespace DmSim.Host;

/// <summary>
/// The machine with its lock. A machine is single-threaded: whoever calls it does so between <see cref="Enter"/> and
/// <see cref="Exit"/>, and makes no system call there that could come back to our own file system.
/// </summary>
internal sealed class Simulation(IHostedMachine machine, IClockMode clock)
{
    private readonly Lock _gate = new();
    private List<Action> _after = [];
    private List<Action> _spare = [];
    private int _pending;

    public IHostedMachine Machine { get; } = machine;

    /// <summary>What its log has said so far.</summary>
    public KernelLog Log { get; } = new();

    /// <summary>Hears what happens; null when nobody wants to.</summary>
    public IHostObserver? Observer { get; init; }

    /// <summary>Called inside, when devices have come or gone.</summary>
    public Action? DevicesChanged { get; set; }

    /// <summary>Calls that the machine has not answered yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public void Enter()
    {
        _gate.Enter();
        clock.Entered(this);
        Machine.HandleInterrupts();
    }

    /// <summary>Whoever enters next goes on with what waited for a file. When somebody waits for that, it is the clock.</summary>
    public void InterruptRaised()
    {
        if (Pending > 0)
            clock.Changed();
    }

    private uint _caller;
    private long _callerSeen = -1;

    /// <summary>
    /// Enters for the I/O of a program: its name may come into the log. The name is looked up again only when some program has made a
    /// system call that is seen, as one that starts another program does.
    /// </summary>
    public void EnterFor(uint thread)
    {
        Enter();
        long seen = Interlocked.Read(ref _callsSeen);
        if (thread == _caller && seen == _callerSeen)
            return;
        (_caller, _callerSeen) = (thread, seen);
        if (Processes.NameOf(thread) is { Length: > 0 } name)
            Machine.CallerName = name;
    }

    /// <summary>Leaves, and then sends the answers that have become due inside.</summary>
    public void Exit()
    {
        PassOn();
        var due = _after;
        if (due.Count > 0)
            (_after, _spare) = (_spare, []);
        _gate.Exit();
        if (due.Count == 0)
            return;
        foreach (var answer in due)
            answer();
        due.Clear();
        clock.Changed();
    }

    /// <summary>A program has come to a system call that is trapped: that has taken it time.</summary>
    public void ProgramWorks(uint thread)
    {
        Interlocked.Increment(ref _callsSeen);
        clock.ProgramWorks(thread);
    }

    private long _callsSeen;

    /// <summary>Something to be done once nobody is inside any more.</summary>
    public void AfterExit(Action answer) => _after.Add(answer);

    /// <summary>Takes over what the machine has said: log lines, and devices that came or went.</summary>
    public void PassOn()
    {
        foreach (var line in Machine.Log.TakeNew())
        {
            Log.Add(Machine.Clock.Now, line.Level, line.Text);
            Observer?.Logged(line);
        }
        bool moved = false;
        foreach (var uevent in Machine.Uevents.TakeNew())
            moved |= uevent.Action is "add" or "remove";
        if (moved)
            DevicesChanged?.Invoke();
        Log.TellReaders();
    }

    /// <summary>Answers when the work is done: after <see cref="Exit"/> when it is already, else from whoever brings it to its end.</summary>
    public async void WhenDone<T>(ValueTask<T> work, Action<T> answer)
    {
        if (work.IsCompletedSuccessfully)
        {
            var result = work.Result;
            AfterExit(() => answer(result));
            return;
        }
        Interlocked.Increment(ref _pending);
        clock.Changed();
        try
        {
            var late = await work;
            AfterExit(() => answer(late));
        }
        catch (Exception e)
        {
            Mishap.End(e);
        }
        Interlocked.Decrement(ref _pending);
    }

    /// <summary>Advances the clock timer by timer, so that log lines carry the instant at which they were written.</summary>
    public void AdvanceTo(TimeSpan instant)
    {
        while (Machine.NextTimer is { } next && next <= instant)
        {
            Advance(next);
            PassOn();
        }
        Advance(instant);
    }

    private void Advance(TimeSpan instant)
    {
        // The model's clock moves at once; its answer is complete.
        var work = Machine.Clock.AdvanceToAsync(instant);
        if (!work.IsCompletedSuccessfully)
            throw new InvalidOperationException("the machine's clock does not move by itself");
    }
}

/// <summary>How the machine's time relates to that of the programs on it.</summary>
internal interface IClockMode
{
    /// <summary>Somebody is about to call the machine.</summary>
    void Entered(Simulation simulation);

    /// <summary>Answers were sent, or somebody has begun to wait.</summary>
    void Changed();

    /// <summary>A program has run for a while.</summary>
    void ProgramWorks(uint thread);
}

/// <summary>A mistake of DmSim's own: one sentence, and the end of everything inside.</summary>
internal static class Mishap
{
    private const int InternalError = 70;

    /// <summary>Where the details go; nobody wants them on his terminal.</summary>
    public static string? DetailsFile { get; set; }

    public static void End(Exception e)
    {
        string hint = "";
        if (DetailsFile is { } file)
        {
            try
            {
                File.WriteAllText(file, e.ToString());
                hint = $" The details are in {file}.";
            }
            catch (Exception f) when (f is IOException or UnauthorizedAccessException)
            {
            }
        }
        Console.Error.WriteLine($"dmsim: the simulated machine has made a mistake ({e.GetType().Name}: {e.Message}) and ends.{hint} Please report it.");
        Environment.Exit(InternalError);
    }
}
