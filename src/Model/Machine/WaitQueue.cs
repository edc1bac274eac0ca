namespace DmSim.Model.Machine;

/// <summary>
/// wait_queue_head: sleepers until somebody wakes them. A woken sleeper goes on when the present work is done
/// (<see cref="WorkQueue"/>), in the order of falling asleep, and must check again what it waited for.
/// </summary>
public sealed class WaitQueue(SimulatedKernel kernel)
{
    private List<TaskCompletionSource>? _sleepers;

    public bool HasSleepers => _sleepers is { Count: > 0 };

    public Task Sleep()
    {
        var source = new TaskCompletionSource();
        (_sleepers ??= []).Add(source);
        return source.Task;
    }

    public void WakeAll()
    {
        if (_sleepers is not { Count: > 0 } sleepers)
            return;
        _sleepers = null;
        foreach (var source in sleepers)
            kernel.Work.Enqueue(source.SetResult);
    }
}
