using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Traces;

/// <summary>What a given kernel answered to given cases: enough to check a model without a kernel.</summary>
/// <param name="Kernel">The kernel's description at recording.</param>
/// <param name="Profile">The profile of the model that speaks for that kernel: "6.1".</param>
/// <param name="Look">How much was looked at; the model is looked at in the same way when it is checked.</param>
public sealed record Trace(string Kernel, string Profile, LookPolicy Look, IReadOnlyList<RecordedCase> Cases);

/// <summary>One case and the outcome of each of its steps: the set-up, every operation, the end.</summary>
public sealed record RecordedCase(string Name, OperationSequence Sequence, IReadOnlyList<StepOutcome> Outcomes);
