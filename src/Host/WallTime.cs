using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>The machine's time follows the wall clock: a thread lets timers fire when they fall due.</summary>
internal sealed class WallTime : IClockMode
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly TimeSpan _start = Libc.MonotonicNow();
    private readonly Bell _changed = new();
    private TimeSpan _ahead;

    private TimeSpan Now => Libc.MonotonicNow() - _start + _ahead;

    /// <summary>Moves the machine's clock by hand; inside the simulation.</summary>
    public void Skip(Simulation simulation, TimeSpan time)
    {
        _ahead += time;
        simulation.AdvanceTo(Now);
    }

    public void Entered(Simulation simulation) => simulation.AdvanceTo(Now);

    public void ProgramWorks(uint thread) { }

    public void Changed() => _changed.Ring();

    /// <summary>For ever.</summary>
    public void Run(Simulation simulation)
    {
        while (true)
        {
            // Entering lets everything fire that is due.
            simulation.Enter();
            var next = simulation.Machine.NextTimer;
            simulation.Exit();
            var wait = next is { } due ? due - Now : Longest;
            _changed.Wait(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait + TimeSpan.FromMilliseconds(1));
        }
    }
}
