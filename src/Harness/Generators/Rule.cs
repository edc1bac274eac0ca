using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators;

/// <summary>One way of making up an operation.</summary>
/// <param name="Name">Unique; what statistics and swarm choices are counted by.</param>
/// <param name="Weight">How likely it is in this state; 0 when it makes no sense.</param>
/// <param name="Draw">Makes the operation, or null when it cannot after all.</param>
public sealed record Rule(string Name, Func<Scene, int> Weight, Func<Scene, Operation?> Draw)
{
    /// <summary>Meant to be refused.</summary>
    public bool IsWrong { get; init; }

    /// <summary>The case would come to nothing without it: swarm never switches it off.</summary>
    public bool IsBasic { get; init; }
}
