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
        Time.AfterTimer = Work.Drain;
    }

    public KernelProfile Profile { get; }
    public VirtualTime Time { get; } = new();
    public ModelLog Log { get; } = new();
    public ModelUevents Uevents { get; } = new();
    public WorkQueue Work { get; } = new();
    public DeviceRegistry Devices { get; }
}
