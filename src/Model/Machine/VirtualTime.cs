namespace DmSim.Model.Machine;

/// <summary>The model's only clock. It moves when told to, and fires what has fallen due in order of time, then of arming.</summary>
public sealed class VirtualTime
{
    private readonly PriorityQueue<VirtualTimer, (long Ticks, long Order)> _queue = new();
    private long _order;

    /// <summary>Runs after every timer that fires: what the timer woke.</summary>
    public Action? AfterTimer { get; set; }

    /// <summary>Time since the machine came up.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Arms a one-shot timer; an instant in the past fires at the next move of the clock.</summary>
    public VirtualTimer Schedule(TimeSpan at, Action action)
    {
        var timer = new VirtualTimer(at, action);
        _queue.Enqueue(timer, (at.Ticks, _order++));
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
            var timer = _queue.Dequeue();
            if (next > Now)
                Now = next;
            timer.Fire();
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
