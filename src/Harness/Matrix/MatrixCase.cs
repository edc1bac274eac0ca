using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Matrix;

/// <summary>What a machine showed of a case.</summary>
/// <param name="Steps">Step by step, as far as it came.</param>
/// <param name="Failure">Why it came no further; null when it did all.</param>
/// <param name="FailedStep">The step during which it failed; -1 when none, or not known.</param>
/// <param name="Tidied">Its state was tidied up after an earlier case: what is seen is to be seen again from the saved state.</param>
public sealed record ShownSteps(IReadOnlyList<StepOutcome> Steps, GuestFailure? Failure, int FailedStep, bool Tidied);

/// <summary>A column's part in a case; Model is null where the release has no profile.</summary>
public sealed record ColumnShown(string Label, ShownSteps Kernel, ShownSteps? Model);

/// <summary>One sequence as it went on every kernel and every model.</summary>
/// <param name="Reference">The case on the machine by which it was drawn up; that makes the schedule of all others.</param>
/// <param name="Elapsed">What it cost on all of them together.</param>
public sealed record MatrixCase(string Name, ReferenceRun Reference, IReadOnlyList<ColumnShown> Columns, TimeSpan Elapsed)
{
    public OperationSequence Sequence => Reference.Sequence;

    public IReadOnlyList<StepContext> Contexts { get; } = [.. Reference.Steps.Select(step => step.Context)];
}
