using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>What the thin rules look for in a scene: pools, volumes, and what there is room for.</summary>
internal static class ThinScene
{
    /// <summary>The smallest block, with which small pools have many.</summary>
    public const ulong BlockSectors = 128;

    /// <summary>Volumes have few numbers, so that they collide.</summary>
    public const int MaxIds = 6;

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

    public static bool IsBare(DeviceState device) => !device.HasLive && !device.HasInactive;

    public static DeviceState? AnyPool(Scene scene) =>
        scene.Choices.Percent(95) ? scene.Any(d => IsPool(d) && !d.IsSuspended) ?? scene.Any(IsPool) : scene.Any(IsPool);

    public static string Loop(int index) => string.Create(CultureInfo.InvariantCulture, $"7:{index}");

    public static string Id(Choices choices) => choices.Below(MaxIds).ToString(CultureInfo.InvariantCulture);

    public static Sectors LoopSize(Scene scene, string loop)
    {
        foreach (var state in scene.World.Loops)
        {
            if (state.Number.ToString() == loop)
                return state.Size.ToSectorsFloor();
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
