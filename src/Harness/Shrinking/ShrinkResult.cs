using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Shrinking;

/// <summary>Runs a sequence from a fresh state, as <see cref="CaseRunner"/> does; each call is one execution.</summary>
public delegate ValueTask<CaseResult> CaseExecution(OperationSequence sequence, CancellationToken cancel);

/// <summary>How much a shrink may cost. What is reached by then is the answer.</summary>
/// <param name="MaxExecutions">A kernel takes its cases at about ten a second.</param>
public sealed record ShrinkOptions(int MaxExecutions = 200);

/// <summary>What a shrink is at.</summary>
public enum ShrinkStage
{
    /// <summary>Only the devices involved are kept.</summary>
    Devices,
    /// <summary>Runs of operations are taken out, then single ones.</summary>
    Operations,
    /// <summary>Loop devices are taken out.</summary>
    Loops,
    /// <summary>Arguments are made smaller.</summary>
    Arguments,
}

/// <param name="Operations">Length of the shortest sequence so far.</param>
public sealed record ShrinkProgress(ShrinkStage Stage, int Executions, int Operations);

public enum ShrinkEnd
{
    /// <summary>Nothing that is tried makes it smaller.</summary>
    Finished,
    /// <summary>The budget is used up.</summary>
    OutOfBudget,
    Cancelled,
}

/// <summary>The smallest failing case that was found.</summary>
/// <param name="Smallest">How it ended; with the same <see cref="FailureKey"/> as the one that was to be shrunk.</param>
/// <param name="Sequence">What to run to see it, cut at the failure.</param>
/// <param name="Executions">So many cases were run.</param>
/// <param name="Skipped">So many candidates had been run before in the same words.</param>
public sealed record ShrinkResult(CaseResult Smallest, OperationSequence Sequence, int Executions, int Skipped, ShrinkEnd End)
{
    public Divergence? Divergence => (Smallest as Diverged)?.Divergence;
}
