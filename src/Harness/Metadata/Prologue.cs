using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>Operations that are known, and behind them others.</summary>
internal sealed class Prologue(ValueList<LoopSetup> loops, IReadOnlyList<Operation> first, IOperationSource rest) : IOperationSource
{
    private int _next;

    public ValueList<LoopSetup> Loops => loops;

    public Operation? Next(World world) => _next < first.Count ? first[_next++] : rest.Next(world);
}
