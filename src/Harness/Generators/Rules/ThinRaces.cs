using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>
/// What of thin devices the scheduler decides. New blocks of a pool that zeroes them are prepared by kcopyd, all at the same time; the
/// pool's worker is woken by each that is done, and when a commit is due it takes in those that the worker has seen.
/// </summary>
internal static class ThinRaces
{
    /// <summary>Whether the operation may prepare a second block while another is being prepared.</summary>
    public static bool PreparesBlocksAtOnce(Operation operation, Scene scene)
    {
        if (Written(operation) is not { } run || Target((Operation.Io)operation, scene.World) is not { } number
            || ZeroingBlockSize(scene.World, number) is not { } block)
            return false;
        bool spans = run.Length > 0 && run.Offset / block != (run.Offset + run.Length - 1) / block;
        return spans || scene.World.Pending.Any(pending => Written(pending.Operation) is not null
            && pending.Device is { } other && ZeroingBlockSize(scene.World, other) is not null);
    }

    private static (ulong Offset, ulong Length)? Written(Operation operation) => operation switch
    {
        Operation.Write write => (write.Offset.Value, write.Length.Value),
        Operation.ZeroOut zero => (zero.Offset.Value, zero.Length.Value),
        _ => null,
    };

    private static DeviceNumber? Target(Operation.Io io, World world) => io.Target.Handle is { } handle
        ? world.Handles.FirstOrDefault(h => h.Handle == handle)?.Device : world.Resolve(io.Target.Device ?? DeviceRef.None);

    /// <summary>Bytes in a block of the pool that a volume is of; null when it is no volume, or the pool does not zero.</summary>
    public static ulong? ZeroingBlockSize(World world, DeviceNumber number)
    {
        if (world.Find(number) is not { } volume || ThinScene.PoolOf(world, volume) is not { } pool)
            return null;
        string[] words = pool.Live[0].Parameters.Split(' ');
        return !words.Contains("skip_block_zeroing") && words.Length > 2
            && ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong sectors)
            ? new Sectors(sectors).ToBytes().Value : null;
    }
}
