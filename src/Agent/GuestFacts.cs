using DmSim.Abi;
using DmSim.Kernel.Local;

namespace DmSim.Agent;

/// <summary>What the agent tells of its kernel.</summary>
internal static class GuestFacts
{
    public static GuestHello Collect() => new(
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        LocalMachine.DmMajor ?? throw new InvalidOperationException("this kernel has no device-mapper"))
    {
        Functions = Guest.IsForFuzzing ? FunctionTrace.Available() : [],
    };
}
