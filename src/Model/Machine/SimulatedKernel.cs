using DmSim.Model.Profiles;

namespace DmSim.Model.Machine;

/// <summary>What every part of the simulated kernel shares: its release, its time and its log.</summary>
public sealed class SimulatedKernel(KernelProfile profile)
{
    public KernelProfile Profile { get; } = profile;
    public VirtualTime Time { get; } = new();
    public ModelLog Log { get; } = new();
}
