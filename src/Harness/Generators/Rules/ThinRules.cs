using DmSim.Abi;
using DmSim.Harness.Generators.Tables;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Pools and volumes: their tables and messages, I/O by blocks, growth, and the time that a full pool waits.</summary>
internal static class ThinRules
{
    public static IReadOnlyList<Rule> Tables { get; } =
    [
        new("load-pool", scene => scene.Has(ThinScene.IsBare) && !scene.Has(IsOrWillBePool) ? 120 : 0, scene =>
            scene.Any(ThinScene.IsBare) is { } d ? Load(scene, d, NewPool(scene)) : null) { IsBasic = true },
        new("load-second-pool", scene => scene.Has(ThinScene.IsBare) ? 2 : 0, scene =>
            scene.Any(ThinScene.IsBare) is { } d ? Load(scene, d, NewPool(scene)) : null),
        new("reload-pool", scene => !scene.Has(ThinScene.IsPool) ? 0 : WaitsForRoom(scene) ? 80 : 8, scene =>
            scene.Any(ThinScene.IsPool) is { } d ? Load(scene, d, SamePool(scene, d.Live[0])) : null),
        new("load-volume", scene => scene.Has(ThinScene.IsPool) && scene.Has(ThinScene.IsBare) ? 80 : 0, scene =>
            scene.Any(ThinScene.IsBare) is { } d && Volume(scene) is { } line ? Load(scene, d, line) : null) { IsBasic = true },
        new("create-for-volume", scene => scene.Has(ThinScene.IsPool) && !scene.Has(ThinScene.IsBare)
            && scene.Devices.Count < scene.Swarm.MaxDevices ? 60 : 0, scene =>
            scene.FreeName() is { } name ? new Operation.Create(name) : null) { IsBasic = true },
        new("reload-volume", scene => scene.Has(ThinScene.IsVolume) ? 3 : 0, scene =>
            scene.Any(ThinScene.IsVolume) is { } d && Volume(scene) is { } line ? Load(scene, d, line) : null),
        new("load-wrong-pool", scene => scene.Devices.Count > 0 ? 5 : 0, scene => scene.Any() is { } d
            ? Load(scene, d, Spoilt(scene, d, scene.Has(ThinScene.IsPool) ? SamePool(scene, scene.Any(ThinScene.IsPool)!.Live[0]) : NewPool(scene)))
            : null) { IsWrong = true },
        new("load-wrong-volume", scene => scene.Has(ThinScene.IsPool) ? 5 : 0, scene =>
            scene.Any() is { } d && Volume(scene) is { } line ? Load(scene, d, Spoilt(scene, d, line)) : null) { IsWrong = true },
    ];

    /// <summary>Pools and volumes suspended one within the other.</summary>
    public static IReadOnlyList<Rule> Suspends { get; } =
    [
        new("suspend-volume-or-pool", scene => scene.Has(ThinScene.IsVolume) && scene.Has(Suspendable) ? 8 : 0, scene =>
            scene.Any(Suspendable) is { } device ? new Operation.Suspend(scene.Ref(device), NoFlush: scene.Choices.Percent(30)) : null),
        new("resume-below-suspended-pool", scene => scene.Has(d => IsBelowSuspendedPool(scene, d)) ? 25 : 0, scene =>
            scene.Any(d => IsBelowSuspendedPool(scene, d)) is { } device ? new Operation.Resume(scene.Ref(device)) : null),
    ];

    private static bool Suspendable(DeviceState device) => !device.IsSuspended && (ThinScene.IsPool(device) || ThinScene.IsVolume(device));

    private static bool IsBelowSuspendedPool(Scene scene, DeviceState device) =>
        device.IsSuspended && ThinScene.PoolOf(scene.World, device) is { IsSuspended: true };

    public static IReadOnlyList<Rule> Messages { get; } =
    [
        new("create_thin", HasPool(14), scene => Message(scene, $"create_thin {ThinScene.Id(scene.Choices)}")) { IsBasic = true },
        new("create_snap", HasPool(8), scene =>
            Message(scene, $"create_snap {ThinScene.Id(scene.Choices)} {ThinScene.Id(scene.Choices)}")),
        new("delete", HasPool(4), scene => Message(scene, $"delete {ThinScene.Id(scene.Choices)}")),
        new("set_transaction_id", HasPool(2), scene => Message(scene,
            $"set_transaction_id {scene.Choices.Pick(0, 0, 1, 2)} {scene.Choices.Pick(0, 1, 1, 2, 7)}")),
        new("reserve_metadata_snap", HasPool(2), scene => Message(scene, "reserve_metadata_snap")),
        new("release_metadata_snap", HasPool(2), scene => Message(scene, "release_metadata_snap")),
        new("wrong-pool-message", HasPool(4), scene => Message(scene, WrongMessage(scene.Choices))) { IsWrong = true },
    ];

    public static IReadOnlyList<Rule> Io { get; } =
    [
        new("volume-write", HasVolume(24), scene => Volume(scene, (volume, offset, length) => new Operation.Write(
            DeviceRef.ByName(volume.Name), offset, OneBlock(scene, volume, offset, length), scene.Choices.Percent(5) ? 0 : (ulong)scene.Step))),
        new("volume-read", HasVolume(2), scene => Volume(scene, (volume, offset, length) =>
            new Operation.Read(DeviceRef.ByName(volume.Name), offset, length))),
        new("volume-discard", HasVolume(6), scene => Volume(scene, (volume, offset, length) =>
            new Operation.Discard(DeviceRef.ByName(volume.Name), offset, length))),
        new("volume-zero-out", HasVolume(2), scene => Volume(scene, (volume, offset, length) =>
            new Operation.ZeroOut(DeviceRef.ByName(volume.Name), offset, OneBlock(scene, volume, offset, length)))),
        new("volume-flush", HasVolume(2), scene => Volume(scene, (volume, _, _) => new Operation.Flush(DeviceRef.ByName(volume.Name)))),
    ];

    public static IReadOnlyList<Rule> GrowthAndTime { get; } =
    [
        new("grow-loop", scene => scene.World.Loops.Count == 0 ? 0 : WaitsForRoom(scene) ? 20 : 3, Grow),
        new("wait-for-room", scene => WaitsForRoom(scene) ? 20 : scene.World.Pending.Count > 0 ? 2 : 0, scene =>
            new Operation.Advance(SlotSchedule.Slot * scene.Choices.Pick(8, 40, 500, 500, 500))),
    ];

    private static Func<Scene, int> HasPool(int weight) => scene => scene.Has(ThinScene.IsPool) ? weight : 0;

    private static Func<Scene, int> HasVolume(int weight) => scene =>
        scene.Has(d => ThinScene.IsVolume(d) && !scene.World.IsBlocked(d.Number)) ? weight
            : scene.Has(ThinScene.IsVolume) && scene.World.Pending.Count < QueryRules.MaxPending ? 1 : 0;

    /// <summary>A write is pending, and not because something is suspended.</summary>
    private static bool WaitsForRoom(Scene scene) => scene.World.Pending.Any(pending => pending.Operation is Operation.Write
        && pending.Device is { } number && !scene.World.IsBlocked(number));

    private static bool IsOrWillBePool(DeviceState device) =>
        ThinScene.IsPool(device) || device.Inactive is [{ Type: "thin-pool" }];

    private static Operation.LoadTable Load(Scene scene, DeviceState device, TableLine line) =>
        new(scene.Ref(device), [line], scene.Choices.Percent(2));

    private static TableLine NewPool(Scene scene)
    {
        var choices = scene.Choices;
        var (metadata, data) = choices.Percent(85) ? (0, 1) : (choices.Below(3), choices.Below(3));
        ulong block = ThinScene.BlockSectors * choices.Pick(1UL, 1, 1, 1, 1, 1, 2, 3, 4);
        return Pool(scene, ThinGroundRules.Above(scene, metadata), ThinGroundRules.Above(scene, data), block);
    }

    /// <summary>The pool again: as large as its data device is by now, and with other features.</summary>
    private static TableLine SamePool(Scene scene, TableLine line)
    {
        string[] words = line.Parameters.Split(' ');
        return Pool(scene, words[0], words[1], ulong.TryParse(words[2], out ulong block) ? block : ThinScene.BlockSectors);
    }

    private static TableLine Pool(Scene scene, string metadata, string data, ulong block)
    {
        var choices = scene.Choices;
        ulong size = Math.Max(1, ThinScene.SizeOf(scene, data).Value);
        ulong length = choices.Percent(80) ? size : Math.Min(size, choices.Pick(block, block * 3, size / 2 + 1, size - 1, size));
        var features = new List<string>();
        foreach (string word in (string[])["skip_block_zeroing", "ignore_discard", "no_discard_passdown", "read_only", "error_if_no_space"])
        {
            if (choices.Percent(word switch { "read_only" => 8, "ignore_discard" => 6, "error_if_no_space" => 30, "skip_block_zeroing" => 40, _ => 18 }))
                features.Add(word);
        }
        string tail = features.Count == 0 ? choices.Pick("", " 0") : $" {features.Count} {string.Join(' ', features)}";
        return new TableLine(Sectors.Zero, new Sectors(Math.Max(1, length)), "thin-pool",
            $"{metadata} {data} {block} {choices.Pick(0, 1, 2, 3, 5, 100)}{tail}");
    }

    /// <summary>A volume of some pool, or null when there is none. Now and then with a device behind its holes.</summary>
    private static TableLine? Volume(Scene scene)
    {
        if (scene.Any(ThinScene.IsPool) is not { } pool)
            return null;
        var choices = scene.Choices;
        ulong length = choices.Pick(100UL, 128, 256, 640, 640, 700, 1024, 1280, 1280, 2048, 3000);
        string origin = "";
        bool mayBeLonger = ThinScene.StaysWritable(scene, pool);
        if (choices.Percent(mayBeLonger ? 50 : 12))
        {
            // A pool that may not change anything reads past the end of an origin, and the log names the worker that did: volumes longer
            // than their origin are only for pools that will not come to that.
            origin = " " + ThinScene.Loop(2);
            if (!mayBeLonger)
                length = Math.Min(length, Math.Max(1, ThinScene.SizeOf(scene, ThinScene.Loop(2)).Value));
        }
        return new TableLine(Sectors.Zero, new Sectors(length), "thin",
            $"{Naming.InTable(pool.Name)} {ThinScene.Id(choices)}{origin}");
    }

    /// <summary>
    /// A word too few can put a block size in the place of a device. Read as a hexadecimal device number it names a ram disk, which
    /// a kernel with brd makes on demand: then the line stays sound.
    /// </summary>
    private static TableLine Spoilt(Scene scene, DeviceState owner, TableLine line)
    {
        string spoilt = WrongWords.Spoil(scene, owner, line.Parameters);
        bool namesRamDisk = spoilt.Split(' ').Take(2).Any(word => ulong.TryParse(word, out _));
        return namesRamDisk ? line : line with { Parameters = spoilt };
    }

    private static Operation.Message? Message(Scene scene, string text) => ThinScene.AnyPool(scene) is { } pool
        ? new Operation.Message(scene.Ref(pool), Sectors.Zero, text) : null;

    private static string WrongMessage(Choices choices) => choices.Pick(
        "create_thin", "create_thin x", "create_thin 16777216", "create_thin -1", "create_thin 1 2", "CREATE_thin +3", "create_snap 1",
        "create_snap 1 99", "create_snap x 1", "create_snap 1 y", "delete", "delete 99", "delete 1x", "set_transaction_id 9 1",
        "set_transaction_id 0", "set_transaction_id x 1", "set_transaction_id 0 18446744073709551616", "reserve_metadata_snap 1",
        "release_metadata_snap now", "trim 1 2", "reserve", "create_thin 18446744073709551616");

    private static Operation? Volume(Scene scene, Func<DeviceState, Bytes, Bytes, Operation> make)
    {
        bool anyhow = scene.Choices.Percent(8);
        var volume = scene.Any(d => ThinScene.IsVolume(d) && (anyhow || !scene.World.IsBlocked(d.Number)));
        if (volume is null || (scene.World.IsBlocked(volume.Number) && scene.World.Pending.Count >= QueryRules.MaxPending))
            return null;
        var (offset, length) = ThinScene.Run(scene, volume);
        return make(volume, offset, length);
    }

    /// <summary>The part of a run that lies in its first block, where <see cref="ThinRaces"/> asks for that.</summary>
    private static Bytes OneBlock(Scene scene, DeviceState volume, Bytes offset, Bytes length) =>
        ThinRaces.ZeroingBlockSize(scene.World, volume.Number) is { } block
            ? new Bytes(Math.Min(length.Value, block - offset.Value % block)) : length;

    /// <summary>Only growth: what becomes of a pool whose devices shrink under it depends on what the kernel has in its caches.</summary>
    private static Operation.LoopResize? Grow(Scene scene)
    {
        var loop = scene.Choices.AnyOf(scene.World.Loops);
        ulong size = loop.Size.ToSectorsFloor().Value + scene.Choices.Pick(128UL, 128, 256, 512, 600);
        return size > 8192 ? null : new Operation.LoopResize(loop.Index, new Sectors(size).ToBytes());
    }
}
