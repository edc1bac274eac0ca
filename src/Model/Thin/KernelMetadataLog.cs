using DmSim.Model.Machine;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <summary>What persistent data finds wrong goes to the kernel's log.</summary>
internal sealed class KernelMetadataLog(SimulatedKernel kernel) : IMetadataLog
{
    public void Err(string module, string text) => kernel.Log.Err(module, text);

    public void ErrLimited(string function, int line, string module, string text)
    {
        if (kernel.RateLimits.Allow(function, line))
            kernel.Log.Err(module, text);
    }

    public void Warn(string module, string text) => kernel.Log.Warn(module, text);

    /// <summary>A real kernel stops here (oops); the line says where.</summary>
    public void KernelBug(string function) => kernel.Log.Crit("persistent data", $"kernel BUG in {function}");
}
