using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Machine;

/// <summary>What every part of the simulated kernel shares: its release, its time, its log, its devices.</summary>
public sealed class SimulatedKernel
{
    public SimulatedKernel(KernelProfile profile)
    {
        Profile = profile;
        Devices = new DeviceRegistry(this);
        Blocks = new BlockLayer(this);
        RateLimits = new RateLimits(this);
        Loops = new LoopDevices(this);
        Time.AfterTimer = Work.Drain;
    }

    public KernelProfile Profile { get; }
    public VirtualTime Time { get; } = new();
    public ModelLog Log { get; } = new();
    public ModelUevents Uevents { get; } = new();
    public WorkQueue Work { get; } = new();
    public DeviceRegistry Devices { get; }
    public BlockLayer Blocks { get; }
    public RateLimits RateLimits { get; }
    public LoopDevices Loops { get; }

    /// <summary>
    /// current->comm in log lines. Whoever happens to submit I/O is named there, so that real machines say all kinds of things.
    /// </summary>
    public const string CommandName = "dmsim";
}
