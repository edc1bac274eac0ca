namespace DmSim.Model.Machine;

/// <summary>
/// What the kernel does "later, in a worker or a woken process". Whoever calls into the simulated kernel from outside ends with
/// <see cref="Drain"/>, and so does every timer; nothing runs in the middle of somebody else's work.
/// </summary>
public sealed class WorkQueue
{
    private readonly Queue<Action> _queue = new();
    private bool _draining;

    public void Enqueue(Action work) => _queue.Enqueue(work);

    /// <summary>Runs what is queued, oldest first, and what that queues in turn. A nested call does nothing.</summary>
    public void Drain()
    {
        if (_draining || _queue.Count == 0)
            return;
        _draining = true;
        try
        {
            while (_queue.TryDequeue(out var work))
                work();
        }
        finally
        {
            _draining = false;
        }
    }
}
