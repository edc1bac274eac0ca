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

    /// <summary>The loop devices that have a store.</summary>
    public static IReadOnlyList<int> StoreLoops { get; } = [1, 2];

    /// <summary>The store that a sequence of <see cref="Probe"/> is about: the one whose snapshot is merged in the end.</summary>
    public static int ProbedStore(OperationSequence sequence)
    {
        var merge = sequence.Operations.OfType<Operation.LoadTable>().First(load => load.Lines[0].Type == "snapshot-merge");
        return int.Parse(merge.Lines[0].Parameters.Split(' ')[1][2..], CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// What snapshots are asked of which one may have a damaged store: reads and writes from both sides, removal and another opening, and in
    /// the end the merge, with one more opening of what that has left. Some of it is refused when the store is.
    /// </summary>
    public static OperationSequence Probe(ValueList<LoopSetup> loops, int store)
    {
        static Bytes At(ulong sectors) => new Sectors(sectors).ToBytes();
        var length = loops[OriginLoop].Size.ToSectorsFloor();
        string origin = Naming.Name(OriginLoop), snapshot = Naming.Name(store);
        string onStore = string.Create(CultureInfo.InvariantCulture, $"7:{OriginLoop} 7:{store} {Stores[store]}");
        Operation Load(string device, string type, string parameters) =>
            new Operation.LoadTable(device, [new TableLine(Sectors.Zero, length, type, parameters)]);
        IEnumerable<Operation> Again() => [new Operation.Create(snapshot), Load(snapshot, "snapshot", onStore), new Operation.Resume(snapshot)];
        return new OperationSequence(loops,
        [
            .. Open(loops), new Operation.Status(snapshot), new Operation.Read(snapshot, At(0), length.ToBytes()),
            new Operation.Write(snapshot, At(8), At(8), 1), new Operation.Write(snapshot, At(19), At(3), 2), new Operation.Write(origin, At(0), At(40), 3),
            new Operation.Discard(snapshot, At(8), At(8)), new Operation.Write(snapshot, At(40), At(40), 4), new Operation.Flush(snapshot),
            new Operation.Remove(snapshot), .. Again(), new Operation.Write(origin, At(64), At(33), 5), new Operation.Write(snapshot, At(100), At(1), 6),
            new Operation.Suspend(snapshot), new Operation.Remove(snapshot),
            Load(origin, "snapshot-merge", onStore), new Operation.Resume(origin), new Operation.Advance(TimeSpan.FromSeconds(2)),
            new Operation.Status(origin), new Operation.Write(origin, At(16), At(24), 7), new Operation.Read(origin, At(0), length.ToBytes()),
            Load(origin, "snapshot-origin", string.Create(CultureInfo.InvariantCulture, $"7:{OriginLoop}")), new Operation.Resume(origin),
            .. Again(), new Operation.Write(snapshot, At(0), At(16), 8), new Operation.Remove(snapshot), new Operation.Remove(origin),
        ]);
    }

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
