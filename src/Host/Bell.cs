namespace DmSim.Host;

/// <summary>Wakes one thread. A ring while nobody listens is heard by the next who does.</summary>
internal sealed class Bell
{
    private readonly object _gate = new();
    private bool _rung;

    public void Ring()
    {
        lock (_gate)
        {
            _rung = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Until it rings, at most for that long.</summary>
    public void Wait(TimeSpan? longest = null)
    {
        lock (_gate)
        {
            if (!_rung)
                Monitor.Wait(_gate, longest ?? Timeout.InfiniteTimeSpan);
            _rung = false;
        }
    }
}
