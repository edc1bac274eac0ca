using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>Cases about an origin on loop 0 and the stores of its snapshots on the other loops.</summary>
internal static class StoreScenes
{
    private const int OriginLoop = 0;

    /// <summary>The kinds of persistent stores there are, by loop: one that ends as Invalid when full, one that says Overflow.</summary>
    private static readonly string[] Stores = ["", "P 8", "PO 16"];

    /// <summary>A new origin with two snapshots, and then whatever the case of the snapshot area with this number does.</summary>
    public static IOperationSource Fresh(ulong seed, int index, int operations)
    {
        var rest = Generated(seed, index, operations);
        return new Prologue(rest.Loops, [.. Open(rest.Loops)], rest);
    }

    /// <summary>The origin and the snapshots that lie on these images; a store says itself how large its chunks are. Then as a case of the area.</summary>
    public static IOperationSource Continued(ValueList<LoopSetup> loops, ulong seed, int index, int operations) =>
        new Prologue(loops, [.. Open(loops)], Generated(seed, index, operations));

    private static GeneratedCase Generated(ulong seed, int index, int operations) =>
        new(AreaRegistry.Find("snapshot")!, CasePlan.FromSeed(seed, index, operations));

    private static IEnumerable<Operation> Open(ValueList<LoopSetup> loops)
    {
        var length = loops[OriginLoop].Size.ToSectorsFloor();
        string origin = string.Create(CultureInfo.InvariantCulture, $"7:{OriginLoop}");
        for (int i = 0; i < Stores.Length; i++)
        {
            string name = Naming.Name(i);
            yield return new Operation.Create(name);
            yield return new Operation.LoadTable(name, [i == OriginLoop
                ? new TableLine(Sectors.Zero, length, "snapshot-origin", origin)
                : new TableLine(Sectors.Zero, length, "snapshot", string.Create(CultureInfo.InvariantCulture, $"{origin} 7:{i} {Stores[i]}"))]);
            yield return new Operation.Resume(name);
        }
    }
}
