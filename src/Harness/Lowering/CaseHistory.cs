using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Lowering;

/// <summary>What was asked in a case so far: enough to make every call again on another machine, and to read the replies.</summary>
internal sealed class CaseHistory
{
    /// <summary>By step; null for the set-up and the end.</summary>
    public List<Operation?> Operations { get; } = [];

    public List<PlannedCall> Calls { get; } = [];
    public List<ScheduledCall> Schedule { get; } = [];
}
