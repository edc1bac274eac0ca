using DmSim.Harness.Operations;

namespace DmSim.Harness.Outcomes;

/// <summary>What was done in a step and between which states of the reference machine.</summary>
/// <param name="Step">Index in the case; the set-up of the loop devices is step 0, the first operation step 1.</param>
/// <param name="Operation">Null for the set-up and for the end, in which everything is only looked at once more.</param>
public sealed record StepContext(int Step, Operation? Operation, World Before, World After)
{
    public string Verb => Operation?.Verb ?? (Step == 0 ? "setup" : "end");

    public override string ToString() => Operation?.ToString() ?? Verb;
}
