namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>One target type as the kernel's documentation and its constructor have it.</summary>
/// <param name="Name">As tables name it.</param>
/// <param name="Parameters">The words after it.</param>
/// <param name="Lengths">Lengths of a line, in sectors, at which it can be right.</param>
public sealed record TargetGrammar(string Name, Part Parameters, params IReadOnlyList<ulong> Lengths)
{
    /// <summary>The messages that the target takes.</summary>
    public IReadOnlyList<Part> Messages { get; init; } = [];

    /// <summary>Whether its tables need a live pool below.</summary>
    public bool NeedsPool { get; init; }
}
