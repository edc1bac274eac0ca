namespace DmSim.Model.Machine;

/// <summary>
/// wait_queue_head: sleepers until somebody wakes them. A woken sleeper goes on when the present work is done
/// (<see cref="WorkQueue"/>), in the order of falling asleep, and must check again what it waited for.
/// </summary>
/// <param name="kernel">Where its sleepers are.</param>
/// <param name="ofSuspenders">
/// Only threads that suspend or resume sleep here. The harness gives them a higher priority than all others; the fair scheduler knows
/// none.
/// </param>
public sealed class WaitQueue(SimulatedKernel kernel, bool ofSuspenders = false)
{
    private List<TaskCompletionSource>? _sleepers;
    private List<TaskCompletionSource>? _woken;

    public bool HasSleepers => _sleepers is { Count: > 0 };

    /// <summary>Whether somebody was woken who has not had his turn.</summary>
    public bool HasWoken => _woken is { } woken && woken.Exists(static source => !source.Task.IsCompleted);

    public Task Sleep()
    {
        var source = new TaskCompletionSource();
        (_sleepers ??= []).Add(source);
        return source.Task;
    }

    private static void GoOn(TaskCompletionSource source) => source.TrySetResult();

    /// <summary>Those that were woken and have not had their turn go on now: who runs is about to sleep.</summary>
    public void LetWokenRun()
    {
        if (_woken is not { } woken)
            return;
        _woken = null;
        foreach (var source in woken)
            GoOn(source);
    }

    public void WakeAll()
    {
        if (_sleepers is not { Count: > 0 } sleepers)
            return;
        _sleepers = null;
        foreach (var source in sleepers)
        {
            if (ofSuspenders && !kernel.FairScheduler)
                kernel.Work.EnqueueUrgent(source.SetResult);
            else
                kernel.Work.Enqueue(() => GoOn(source));
        }
        if (!ofSuspenders)
            _woken = _woken is null ? sleepers : [.. _woken.Where(source => !source.Task.IsCompleted), .. sleepers];
    }
}
