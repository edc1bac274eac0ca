namespace DmSim.Model.Machine;

/// <summary>
/// The model's only clock. It moves when told to, and fires what has fallen due in order of time. Of timers for one tick those come first
/// that were armed for far away, then the one that was armed last: a bucket of the timer wheel is filled at its head, and the coarsest
/// level's bucket is emptied first (kernel/time/timer.c, enqueue_timer, __run_timers, 6.1). What they wake runs when all have fired.
/// </summary>
public sealed class VirtualTime
{
    private readonly PriorityQueue<VirtualTimer, (long Ticks, int Finer, long Older)> _queue = new();
    private long _order;

    /// <summary>Runs after the timers of an instant: what they woke.</summary>
    public Action? AfterTimer { get; set; }

    /// <summary>Time since the machine came up.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Arms a one-shot timer; an instant in the past fires at the next move of the clock.</summary>
    /// <param name="level">Of the timer wheel.</param>
    public VirtualTimer Schedule(TimeSpan at, Action action, int level = 0)
    {
        var timer = new VirtualTimer(at, action);
        _queue.Enqueue(timer, (at.Ticks, -level, -_order++));
        return timer;
    }

    /// <summary>The instant of the next armed timer, or null.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            while (_queue.TryPeek(out var timer, out _) && timer.Cancelled)
                _queue.Dequeue();
            return _queue.TryPeek(out var next, out _) ? next.At : null;
        }
    }

    /// <summary>Moves to <paramref name="instant"/>, firing timers on the way; stops early once <paramref name="until"/> is true.</summary>
    public void AdvanceTo(TimeSpan instant, Func<bool>? until = null)
    {
        while (NextTimer is { } next && next <= instant)
        {
            if (until?.Invoke() == true)
                return;
            if (next > Now)
                Now = next;
            do
                _queue.Dequeue().Fire();
            while (NextTimer == next);
            AfterTimer?.Invoke();
        }
        if (until?.Invoke() != true && instant > Now)
            Now = instant;
    }
}

/// <summary>An armed timer.</summary>
public sealed class VirtualTimer(TimeSpan at, Action action)
{
    public TimeSpan At { get; } = at;
    public bool Cancelled { get; private set; }
    public bool Fired { get; private set; }

    public void Cancel() => Cancelled = true;

    internal void Fire()
    {
        Fired = true;
        action();
    }
}
