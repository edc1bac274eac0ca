namespace DmSim.Harness.Fuzzing.Campaign;

public enum ProblemKind
{
    None = 0,

    /// <summary>The kernel crashed, oopsed, warned or panicked.</summary>
    Crash,

    /// <summary>No answer, and nothing on the console.</summary>
    Hang,

    /// <summary>Devices are left that could not be taken away.</summary>
    Leak,

    /// <summary>A table was taken, and another one is read back.</summary>
    ReadBack,

    /// <summary>Model and kernel answer differently.</summary>
    Difference,

    /// <summary>The model threw.</summary>
    Model,
}

/// <summary>Something that must not be.</summary>
/// <param name="Signature">The same for the same problem, whatever the program was.</param>
/// <param name="Operation">Index of the operation in the program; -1 when not known.</param>
/// <param name="Detail">What was seen, for a person.</param>
public sealed record FuzzProblem(ProblemKind Kind, string Signature, int Operation, string Detail);
