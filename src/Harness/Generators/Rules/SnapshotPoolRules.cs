using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>
/// A pool whose volumes are the origins and COW devices of snapshots, over a loop device or over stripes. Only where the case has loop
/// devices for it. The pool fails writes when it is full, as a snapshot that waits for room holds its lock meanwhile; it does not zero,
/// as a copier fills several blocks at once (see <see cref="ThinRaces"/>); and none of its blocks are shared.
/// </summary>
internal static class SnapshotPoolRules
{
    public const int MetadataLoop = 4, DataLoop = 5;

    private const int MostVolumes = 2;

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("create-for-volume", scene => HasLoops(scene) && !scene.Has(SnapshotScene.IsBare) && scene.Devices.Count < scene.Swarm.Area.MaxDevices ? 150 : 0,
            scene => scene.FreeName() is { } name ? new Operation.Create(name) : null) { IsBasic = true },
        new("load-stripes", scene => HasLoops(scene) && scene.Has(SnapshotScene.IsBare) && !scene.Has(IsStripes) && !scene.Has(IsOrWillBePool) ? 500 : 0,
            scene => scene.Any(SnapshotScene.IsBare) is { } d ? Load(scene, d, Stripes(scene)) : null),
        new("load-pool", scene => HasLoops(scene) && scene.Has(SnapshotScene.IsBare) && !scene.Has(IsOrWillBePool) ? scene.Has(IsStripes) ? 1500 : 500 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d ? Load(scene, d, Pool(scene)) : null) { IsBasic = true },
        new("resume-ground", scene => HasLoops(scene) && scene.Has(IsLoadedGround) ? 400 : 0, scene =>
            scene.Any(IsLoadedGround) is { } d ? new Operation.Resume(scene.Ref(d)) : null) { IsBasic = true },
        new("create_thin", scene => scene.Has(ThinScene.IsPool) ? scene.Has(ThinScene.IsVolume) ? 6 : 300 : 0, scene =>
            scene.Any(ThinScene.IsPool) is { } pool
                ? new Operation.Message(scene.Ref(pool), Sectors.Zero, $"create_thin {Id(scene)}") : null) { IsBasic = true },
        new("load-volume", scene => HasPoolInService(scene) && scene.Has(SnapshotScene.IsBare)
            && scene.Devices.Count(ThinScene.IsVolume) < MostVolumes ? 1000 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d && Volume(scene) is { } line ? Load(scene, d, line) : null) { IsBasic = true },
        new("delete", scene => scene.Has(ThinScene.IsPool) ? 1 : 0, scene =>
            scene.Any(ThinScene.IsPool) is { } pool ? new Operation.Message(scene.Ref(pool), Sectors.Zero, $"delete {Id(scene)}") : null),
    ];

    public static bool HasLoops(Scene scene) => scene.World.Loops.Any(loop => loop.Index == DataLoop);

    private static bool IsLoadedGround(DeviceState device) => !device.HasLive && device.Inactive is [{ Type: "thin-pool" or "thin" or "striped" }];

    private static bool HasPoolInService(Scene scene) => scene.Has(device => ThinScene.IsPool(device) && !device.IsSuspended);

    private static bool IsOrWillBePool(DeviceState device) => ThinScene.IsPool(device) || device.Inactive is [{ Type: "thin-pool" }];

    private static bool IsStripes(DeviceState device) =>
        device.Live is [{ Type: "striped" } line] && line.Parameters.Contains(SnapshotScene.Loop(DataLoop), StringComparison.Ordinal);

    private static int Id(Scene scene) => scene.Choices.Pick(0, 0, 1);

    private static Operation.LoadTable Load(Scene scene, DeviceState device, TableLine line) => new(scene.Ref(device), [line]);

    /// <summary>Two or four stripes on one loop device, each narrower than a block.</summary>
    private static TableLine Stripes(Scene scene)
    {
        ulong count = scene.Choices.Pick(2UL, 4), chunk = scene.Choices.Pick(8UL, 16, 32);
        ulong width = SnapshotScene.SizeOf(scene, SnapshotScene.Loop(DataLoop)).Value / count / chunk * chunk;
        string stripes = string.Concat(Enumerable.Range(0, (int)count).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $" {SnapshotScene.Loop(DataLoop)} {width * (ulong)i}")));
        return new TableLine(Sectors.Zero, new Sectors(width * count), "striped", $"{count} {chunk}{stripes}");
    }

    private static TableLine Pool(Scene scene)
    {
        string data = scene.Any(IsStripes) is { } stripes && scene.Choices.Percent(90) ? Naming.InTable(stripes.Name) : SnapshotScene.Loop(DataLoop);
        string passdown = scene.Choices.Pick("", "", " no_discard_passdown", " ignore_discard");
        return new TableLine(Sectors.Zero, SnapshotScene.SizeOf(scene, data), "thin-pool", string.Create(CultureInfo.InvariantCulture,
            $"{SnapshotScene.Loop(MetadataLoop)} {data} {ThinScene.BlockSectors} 0 {(passdown.Length == 0 ? 2 : 3)} skip_block_zeroing error_if_no_space{passdown}"));
    }

    private static TableLine? Volume(Scene scene) => scene.Any(ThinScene.IsPool) is { } pool
        ? new TableLine(Sectors.Zero, new Sectors(scene.Choices.Pick(64UL, 128, 200, 256, 300, 512)), "thin",
            $"{Naming.InTable(pool.Name)} {Id(scene)}") : null;
}
