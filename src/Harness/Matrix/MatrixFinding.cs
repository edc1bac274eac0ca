using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Matrix;

public enum FindingKind
{
    /// <summary>A kernel shows something else than the one before it.</summary>
    KernelChange,

    /// <summary>A kernel shows something else than the model of its release.</summary>
    ModelWrong,

    /// <summary>A kernel crashed, hung or printed an oops, and the one before it did not (or the other way round).</summary>
    GuestFailure,

    /// <summary>The model of a release threw: a bug of ours, whatever kernels do.</summary>
    ModelThrew,
}

/// <summary>Something in which two machines differ first.</summary>
/// <param name="Older">The column that it is measured by; for <see cref="FindingKind.ModelWrong"/> the same as Newer.</param>
/// <param name="Newer">The column in which it is seen.</param>
/// <param name="Verb">The operation: "load".</param>
/// <param name="Place">What differs: "operation/errno".</param>
/// <param name="Detail">How, without what changes from case to case: "ENODEV->ENOENT". Part of the signature.</param>
/// <param name="Step">The step in which it shows.</param>
/// <param name="Values">What each column shows there, in the order of columns; null where it shows nothing.</param>
/// <param name="Modelled">The models of both releases differ in the same way: it is known and has a profile's rule.</param>
/// <param name="Sequence">The operations up to and including the step.</param>
public sealed record MatrixFinding(
    FindingKind Kind,
    string Older,
    string Newer,
    string Verb,
    string Place,
    string Detail,
    string Verdict,
    int Step,
    IReadOnlyList<ShownValue> Values,
    bool Modelled,
    string Case,
    OperationSequence Sequence)
{
    /// <summary>The difference itself; null where a machine failed.</summary>
    public Difference? Difference { get; init; }

    /// <summary>The same for every case that shows the same: what stores and baselines go by.</summary>
    public string Signature => $"{Heading} {(IsSeenAnywhere ? "" : Verb + "/")}{Place}{(Detail.Length == 0 ? "" : " " + Detail)}";

    /// <summary>Limits of a device are looked at after whatever operation it was: that one says nothing of them.</summary>
    private bool IsSeenAnywhere => Place.EndsWith("/" + Field.Limits.NameOf(), StringComparison.Ordinal);

    private string Heading => Kind switch
    {
        FindingKind.ModelWrong => $"model {Newer}",
        FindingKind.ModelThrew => $"model {Newer} threw",
        FindingKind.GuestFailure => $"guest {Older}->{Newer}",
        _ => $"{Older}->{Newer}",
    };
}

/// <param name="Machine">"6.1", or "model 6.1".</param>
public sealed record ShownValue(string Machine, string? Value);
