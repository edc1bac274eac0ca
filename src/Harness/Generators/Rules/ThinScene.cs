using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>What the thin rules look for in a scene: pools, volumes, and what there is room for.</summary>
internal static class ThinScene
{
    /// <summary>The smallest block, with which small pools have many.</summary>
    public const ulong BlockSectors = 128;

    /// <summary>Data enough for all volumes that a case can fill.</summary>
    public const ulong AmpleSectors = 4096;

    public static bool IsPool(DeviceState device) => device.Live is [{ Type: "thin-pool" }];

    public static bool IsVolume(DeviceState device) => device.Live is [{ Type: "thin" }, ..];

    /// <summary>The pool in service that a volume's table names, or null.</summary>
    public static DeviceState? PoolOf(World world, DeviceState volume)
    {
        if (!IsVolume(volume))
            return null;
        string name = volume.Live[0].Parameters.Split(' ', 2)[0];
        return world.Devices.FirstOrDefault(device => IsPool(device) && device.Number.ToString() == name);
    }

    /// <summary>With room for all that a case can write, on devices that do not fail, and not told to change nothing.</summary>
    public static bool StaysWritable(Scene scene, DeviceState pool)
    {
        string[] words = pool.Live[0].Parameters.Split(' ');
        return pool.Inactive.Count == 0 && words.Length > 1 && words[0] == Loop(0) && words[1] == Loop(1) && !words.Contains("read_only")
            && SizeOf(scene, Loop(0)).Value >= 512 && SizeOf(scene, Loop(1)).Value >= AmpleSectors && pool.Size.Value >= AmpleSectors;
    }

    public static bool IsBare(DeviceState device) => !device.HasLive && !device.HasInactive;

    public static DeviceState? AnyPool(Scene scene) =>
        scene.Choices.Percent(95) ? scene.Any(d => IsPool(d) && !d.IsSuspended) ?? scene.Any(IsPool) : scene.Any(IsPool);

    public static string Loop(int index) => string.Create(CultureInfo.InvariantCulture, $"7:{index}");

    /// <summary>Volumes have few numbers, the first ones mostly, so that they meet.</summary>
    public static string Id(Choices choices) => choices.Pick("0", "0", "0", "0", "0", "1", "1", "2", "3");

    public static Sectors SizeOf(Scene scene, string loop)
    {
        foreach (var state in scene.World.Loops)
        {
            if (state.Number.ToString() == loop)
                return state.Size.ToSectorsFloor();
        }
        foreach (var device in scene.Devices)
        {
            if (device.Number.ToString() == loop || Naming.InTable(device.Name) == loop)
                return device.Size;
        }
        return new Sectors(1024);
    }

    /// <summary>A run on a volume: whole blocks, a few sectors, across an edge, or everything.</summary>
    public static (Bytes Offset, Bytes Length) Run(Scene scene, DeviceState volume)
    {
        var choices = scene.Choices;
        ulong size = volume.Size.Value;
        ulong block = BlockSectors * choices.Below(Math.Max(1, size / BlockSectors + 1));
        ulong start = choices.Below(4) switch
        {
            0 => block + choices.Below(BlockSectors),
            1 => block > 4 ? block - choices.Pick(1UL, 4, 64) : 0,
            _ => block,
        };
        ulong length = choices.Pick(1UL, 8, 64, 127, BlockSectors, BlockSectors, BlockSectors, BlockSectors + 8, BlockSectors * 2, BlockSectors * 5);
        start = Math.Min(start, size - 1);
        return (new Sectors(start).ToBytes(), new Sectors(Math.Min(length, size - start)).ToBytes());
    }
}
