namespace DmSim.Model.Machine;

/// <summary>struct mutex: who finds it taken sleeps; woken sleepers try again in the order of their coming.</summary>
internal sealed class SleepingLock(SimulatedKernel kernel)
{
    private readonly WaitQueue _waiters = new(kernel);
    private bool _taken;

    public ValueTask TakeAsync()
    {
        if (_taken)
            return SleepAsync();
        _taken = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask SleepAsync()
    {
        while (_taken)
            await _waiters.Sleep();
        _taken = true;
    }

    public void Give()
    {
        if (!_taken)
            throw new InvalidOperationException("the lock is not taken");
        _taken = false;
        _waiters.WakeAll();
    }
}
