using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>CLOCK_MONOTONIC. Waiting really waits; in a guest with virtual time that takes no wall time.</summary>
internal sealed class LocalClock : IMachineClock
{
    private readonly TimeSpan _start = Libc.MonotonicNow();

    public TimeSpan Now => Libc.MonotonicNow() - _start;

    /// <summary>Sleeps in the caller's thread: the caller has nothing else to do, and a timer thread would cost two switches.</summary>
    public ValueTask AdvanceToAsync(TimeSpan instant)
    {
        Libc.SleepUntil(_start + instant);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Asleep from the first instant on. Task.Wait calls sched_yield(2) before it sleeps, and a thread that yields is still runnable: on one
    /// processor it would go on before all that a call which did not sleep itself has woken, as if it had never waited.
    /// </summary>
    public ValueTask<bool> AdvanceUntilAsync(Task work, TimeSpan deadline)
    {
        if (work.IsCompleted)
            return new(true);
        object gate = new();
        work.ContinueWith(_ => Tell(gate), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        lock (gate)
        {
            while (!work.IsCompleted)
            {
                var left = deadline - Now;
                if (left <= TimeSpan.Zero)
                    return new(false);
                // Up to the whole millisecond, so that the loop does not spin through the last part of one.
                Monitor.Wait(gate, checked((int)Math.Ceiling(Math.Min(left.TotalMilliseconds, int.MaxValue - 1))));
            }
        }
        return new(true);
    }

    private static void Tell(object gate)
    {
        lock (gate)
            Monitor.Pulse(gate);
    }
}
