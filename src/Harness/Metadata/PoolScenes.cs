using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>Cases about one pool, its metadata on loop 0 and its data on loop 1.</summary>
internal static class PoolScenes
{
    public const int MetadataLoop = 0, DataLoop = 1;

    private const string PoolName = "d0";

    private static string Volume(int id) => Naming.Name(1 + id);

    /// <summary>A new pool with a volume, and then whatever the case of the thin area with this number does.</summary>
    public static IOperationSource Fresh(ulong seed, int index, int operations)
    {
        var rest = Generated(seed, index, operations);
        return new Prologue(rest.Loops,
            [.. Pool(rest.Loops[DataLoop].Size, blockSectors: 128), new Operation.Message(PoolName, Sectors.Zero, "create_thin 0"), .. Open(0)], rest);
    }

    /// <summary>The pool that lies on these images, with what volumes it has of the first four; then as a case of the area.</summary>
    public static IOperationSource Continued(ValueList<LoopSetup> loops, ulong seed, int index, int operations) => new Prologue(
        loops, [.. Pool(loops[DataLoop].Size, BlockSectors(loops[MetadataLoop])), .. Open(0), .. Open(1), .. Open(2), .. Open(3)],
        Generated(seed, index, operations));

    private static GeneratedCase Generated(ulong seed, int index, int operations) =>
        new(AreaRegistry.Find("thin")!, CasePlan.FromSeed(seed, index, operations));

    public static IEnumerable<Operation> Pool(Bytes data, uint blockSectors, string features = "")
    {
        yield return new Operation.Create(PoolName);
        yield return new Operation.LoadTable(PoolName, [new TableLine(Sectors.Zero, data.ToSectorsFloor(), "thin-pool",
            string.Create(CultureInfo.InvariantCulture, $"7:{MetadataLoop} 7:{DataLoop} {blockSectors} 1{features}"))]);
        yield return new Operation.Resume(PoolName);
    }

    private static IEnumerable<Operation> Open(int id)
    {
        yield return new Operation.Create(Volume(id));
        yield return new Operation.LoadTable(Volume(id),
            [new TableLine(Sectors.Zero, new Sectors(1280), "thin", string.Create(CultureInfo.InvariantCulture, $"{Naming.InTable(PoolName)} {id}"))]);
        yield return new Operation.Resume(Volume(id));
    }

    /// <summary>
    /// What a pool is asked whose metadata may be damaged: everything once that reads or changes them. No write is longer than a block,
    /// and none waits with another for room: which of several is prepared first is not the same on every machine (see Avoided).
    /// </summary>
    public static OperationSequence Probe(ValueList<LoopSetup> loops)
    {
        static Operation Told(string text) => new Operation.Message(PoolName, Sectors.Zero, text);
        static Bytes At(ulong sectors) => new Sectors(sectors).ToBytes();
        var size = loops[DataLoop].Size;
        uint block = BlockSectors(loops[MetadataLoop]);
        const string NoWaiting = " 1 error_if_no_space";
        return new OperationSequence(loops,
        [
            .. Pool(size, block, NoWaiting), .. Open(0), new Operation.Read(Volume(0), At(0), At(1280)), .. Open(1),
            new Operation.Write(Volume(0), At(0), At(8), 1), new Operation.Write(Volume(1), At(256), At(128), 2), new Operation.Flush(Volume(0)),
            Told("create_thin 7"), Told("create_snap 8 0"), new Operation.Write(Volume(0), At(128), At(128), 3),
            new Operation.Discard(Volume(0), At(0), At(640)), new Operation.Discard(Volume(1), At(0), At(1280)),
            Told("reserve_metadata_snap"), Told("set_transaction_id 0 1"), Told("delete 2"), new Operation.Advance(TimeSpan.FromSeconds(2)),
            Told("release_metadata_snap"), Told("delete 8"), new Operation.Suspend(PoolName), new Operation.Resume(PoolName),
            new Operation.Remove(Volume(1)), Told("delete 1"), new Operation.Remove(Volume(0)), new Operation.Remove(PoolName),
            .. Pool(size, block, NoWaiting), new Operation.Status(PoolName), new Operation.Remove(PoolName),
        ]);
    }

    /// <summary>As the superblock says (struct thin_disk_superblock); that of a new pool where it says nothing.</summary>
    private static uint BlockSectors(LoopSetup metadata)
    {
        const int DataBlockSizeOffset = 336;
        byte[]? image = metadata.Contents?.TryUnpack();
        uint size = image is { Length: > DataBlockSizeOffset + sizeof(uint) } ? BitConverter.ToUInt32(image, DataBlockSizeOffset) : 0;
        return size is >= 128 and <= 1 << 21 && size % 128 == 0 ? size : 128;
    }
}
