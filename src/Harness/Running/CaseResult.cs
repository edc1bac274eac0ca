using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Running;

/// <summary>How a case ended.</summary>
public abstract record CaseResult(ReferenceRun Reference, CaseFigures Figures)
{
    public OperationSequence Sequence => Reference.Sequence;

    /// <summary>The kernel had tidied up after an earlier case instead of going back to its saved state.</summary>
    public bool OnTidiedKernel { get; init; }

    /// <summary>
    /// What a tidied kernel had shown before, when that was no agreement: this result is then that of a second run, from the saved
    /// state. When this one agrees, the difference shows in a used kernel only.
    /// </summary>
    public CaseResult? BeforeOnTidied { get; init; }

    /// <summary>How often the guest was gone without a word, as when somebody kills it, before this run of the case.</summary>
    public int Losses { get; init; }
}

/// <summary>Both machines agree in every step, but for differences that rules allow.</summary>
public sealed record Agreed(ReferenceRun Reference, CaseFigures Figures) : CaseResult(Reference, Figures);

/// <summary>They do not; the case was compared up to the first such step.</summary>
public sealed record Diverged(ReferenceRun Reference, CaseFigures Figures, Divergence Divergence) : CaseResult(Reference, Figures);

/// <summary>The guest died or fell silent.</summary>
/// <param name="Step">The step during which it happened; -1 when not known.</param>
public sealed record GuestFailed(ReferenceRun Reference, CaseFigures Figures, GuestFailure Failure, int Step)
    : CaseResult(Reference, Figures);

/// <summary>The model threw: a bug of ours, whatever the kernel does.</summary>
public sealed record ModelFailed(ReferenceRun Reference, CaseFigures Figures, ReferenceFailure Failure)
    : CaseResult(Reference, Figures);

/// <summary>Both machines showed the same, but metadata that they left is not as it should be.</summary>
public sealed record BadMetadata(ReferenceRun Reference, CaseFigures Figures, string Complaint) : CaseResult(Reference, Figures);

/// <summary>What a case adds to the figures of a run.</summary>
/// <param name="Steps">Steps compared.</param>
/// <param name="AllowedOutcomes">Sum over those steps of how many outcomes would have conformed.</param>
public sealed record CaseFigures(int Steps, long AllowedOutcomes, ValueList<AllowedUse> Allowed)
{
    public static CaseFigures None { get; } = new(0, 0, []);

    /// <summary>What was found out about the metadata that the case left.</summary>
    public MetadataFigures Metadata { get; init; }
}

/// <summary>A rule was needed.</summary>
public sealed record AllowedUse(string Rule, int Step);

/// <summary>The first step in which the machines differ, with all that a report needs.</summary>
/// <param name="Case">How the case is named, e.g. "seed 42 case 17".</param>
/// <param name="Sequence">The operations up to and including that step.</param>
/// <param name="Steps">What both showed, step by step, up to and including that step.</param>
/// <param name="Note">What the outcomes do not say, e.g. which byte of a reply differs.</param>
public sealed record Divergence(
    string Case,
    string Model,
    string Kernel,
    OperationSequence Sequence,
    IReadOnlyList<ComparedStep> Steps,
    StepVerdict Verdict,
    string? Note = null)
{
    public ComparedStep Last => Steps[^1];

    public Signature Signature => new(Last.Context.Verb, Verdict.Differences[0].Subject.Kind, Verdict.Differences[0].Field);
}

public sealed record ComparedStep(StepContext Context, StepOutcome Model, StepOutcome Kernel);
