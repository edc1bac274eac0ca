using System.Collections.Concurrent;

namespace DmSim.Model.Machine;

/// <summary>What goes on outside of the machine, and tells it when it is done: any thread raises, the machine's own handles.</summary>
public sealed class Interrupts
{
    private readonly ConcurrentQueue<Action> _raised = new();

    /// <summary>Called when one has been raised, by who has raised it.</summary>
    internal Action? Raised { get; set; }

    public void Raise(Action handler)
    {
        _raised.Enqueue(handler);
        Raised?.Invoke();
    }

    public void Handle()
    {
        while (_raised.TryDequeue(out var handler))
            handler();
    }

    internal bool IsQuiet => _raised.IsEmpty;
}
