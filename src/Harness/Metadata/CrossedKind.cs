using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>What can cross over between model and kernel.</summary>
/// <param name="Name">What "--kind" takes.</param>
/// <param name="Fresh">The case with a seed, a number and so many operations that makes the images.</param>
/// <param name="Continued">The case that goes on with images.</param>
public sealed record CrossedKind(string Name, string Summary, Func<ulong, int, int, IOperationSource> Fresh,
    Func<ValueList<LoopSetup>, ulong, int, int, IOperationSource> Continued)
{
    /// <summary>All there are, the usual one first.</summary>
    public static IReadOnlyList<CrossedKind> All { get; } =
    [
        new("pool", "metadata and data of thin pools", PoolScenes.Fresh, PoolScenes.Continued),
        new("store", "stores of snapshots, and their origin", StoreScenes.Fresh, StoreScenes.Continued),
    ];
}
