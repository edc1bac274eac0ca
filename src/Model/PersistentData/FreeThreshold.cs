namespace DmSim.Model.PersistentData;

/// <summary>Tells once when the number of free blocks falls to a limit, and again only when it has been above in between.</summary>
internal sealed class FreeThreshold
{
    private ulong? _threshold;
    private ulong? _last;
    private Action? _reached;

    public void Set(ulong threshold, Action reached)
    {
        _threshold = threshold;
        _reached = reached;
    }

    public void Clear()
    {
        _threshold = null;
        _last = null;
        _reached = null;
    }

    /// <summary>check_threshold.</summary>
    public void Check(ulong free)
    {
        if (free <= _threshold && !(_last <= _threshold))
            _reached!();
        _last = free;
    }
}
