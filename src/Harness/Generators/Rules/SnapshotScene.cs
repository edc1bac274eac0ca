using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>A line of type snapshot or snapshot-merge, in its words.</summary>
internal readonly record struct SnapshotWords(string Origin, string Cow, string Store, string Chunk)
{
    public static SnapshotWords? Of(TableLine line) =>
        line.Type is "snapshot" or "snapshot-merge" && line.Parameters.Split(' ') is [var origin, var cow, var store, var chunk, ..]
            ? new SnapshotWords(origin, cow, store, chunk) : null;
}

/// <summary>What the snapshot rules look for in a scene: origins, snapshots, the devices they are made of.</summary>
internal static class SnapshotScene
{
    public const int CowLoops = 3;

    public static bool IsBare(DeviceState device) => !device.HasLive && !device.HasInactive;

    public static bool IsOrigin(DeviceState device) => device.Live is [{ Type: "snapshot-origin" }];

    public static bool IsSnapshot(DeviceState device) => device.Live is [{ Type: "snapshot" }];

    public static bool IsMerge(DeviceState device) => device.Live is [{ Type: "snapshot-merge" }];

    public static bool IsAny(DeviceState device) => IsOrigin(device) || IsSnapshot(device) || IsMerge(device);

    /// <summary>A device that origins and COW devices can be put on.</summary>
    public static bool IsFreeGround(Scene scene, DeviceState device) => IsGround(device) && !ThinGroundRules.IsUnderPool(scene, device.Number);

    /// <summary>It has a table of none of these types.</summary>
    public static bool IsGround(DeviceState device) =>
        device.HasLive && device.Live is [{ Type: not ("thin-pool" or "snapshot" or "snapshot-origin" or "snapshot-merge") }, ..];

    public static string Loop(int index) => string.Create(CultureInfo.InvariantCulture, $"7:{index}");

    /// <summary>A device as a table line prints it, as one that stays true when minors move.</summary>
    public static string Named(Scene scene, string printed)
    {
        foreach (var device in scene.Devices)
            if (device.Number.ToString() == printed)
                return Naming.InTable(device.Name);
        return printed;
    }

    public static Sectors SizeOf(Scene scene, string name)
    {
        foreach (var loop in scene.World.Loops)
            if (loop.Number.ToString() == name)
                return loop.Size.ToSectorsFloor();
        foreach (var device in scene.Devices)
            if (device.Number.ToString() == name || Naming.InTable(device.Name) == name)
                return device.Size;
        return new Sectors(256);
    }

    /// <summary>The words of all live snapshots, merging ones too.</summary>
    public static List<SnapshotWords> Snapshots(Scene scene)
    {
        var all = new List<SnapshotWords>();
        foreach (var device in scene.Devices)
            foreach (var line in device.Live)
                if (SnapshotWords.Of(line) is { } words)
                    all.Add(words);
        return all;
    }

    /// <summary>Mostly the origin that is in use already.</summary>
    public static string Origin(Scene scene)
    {
        var used = new List<string>();
        foreach (var device in scene.Devices)
            foreach (var line in device.Live)
                if (line.Type is "snapshot" or "snapshot-merge" or "snapshot-origin")
                    used.Add(line.Parameters.Split(' ')[0]);
        if (used.Count > 0 && scene.Choices.Percent(92))
            return Named(scene, scene.Choices.AnyOf(used));
        if (Volume(scene, device => !IsUsedAsCow(scene, device)) is { } volume)
            return volume;
        if (scene.Choices.Percent(60) && scene.Any(device => IsFreeGround(scene, device) && !IsUsedAsCow(scene, device)) is { } ground)
            return Naming.InTable(ground.Name);
        return Loop(0);
    }

    private static bool IsUsedAsCow(Scene scene, DeviceState device) =>
        Snapshots(scene).Exists(words => words.Cow == device.Number.ToString());

    /// <summary>Mostly a volume, where the case has a pool and one is free.</summary>
    private static string? Volume(Scene scene, Func<DeviceState, bool> isFree) =>
        SnapshotPoolRules.HasLoops(scene) && scene.Choices.Percent(75) && scene.Any(device => ThinScene.IsVolume(device) && isFree(device)) is { } device
            ? Naming.InTable(device.Name) : null;

    /// <summary>Mostly one that no snapshot has; often one with a store from before.</summary>
    public static string Cow(Scene scene, string origin)
    {
        var used = Snapshots(scene).ConvertAll(words => words.Cow);
        if (Volume(scene, device => Naming.InTable(device.Name) != origin && !used.Contains(device.Number.ToString())) is { } volume)
            return volume;
        var free = new List<string>();
        for (int i = 1; i <= CowLoops; i++)
            free.Add(Loop(i));
        foreach (var device in scene.Devices)
            if (IsFreeGround(scene, device) && Naming.InTable(device.Name) != origin)
                free.Add(device.Number.ToString());
        if (scene.Choices.Percent(94))
            free.RemoveAll(used.Contains);
        return free.Count == 0 ? Loop(1) : Named(scene, scene.Choices.AnyOf(free));
    }

    /// <summary>A run on a device: whole chunks, parts, across an edge, many of them.</summary>
    public static (Bytes Offset, Bytes Length) Run(Scene scene, DeviceState device)
    {
        var choices = scene.Choices;
        ulong chunk = choices.Pick(8UL, 8, 8, 1, 4, 16, 32);
        if (SnapshotWords.Of(device.Live[0]) is { } words && ulong.TryParse(words.Chunk, out ulong own) && own > 0 && choices.Percent(80))
            chunk = own;
        ulong size = Math.Max(1, device.Size.Value);
        ulong at = chunk * choices.Below(Math.Max(1, Math.Min(size / chunk + 1, choices.Pick(6UL, 12, 100))));
        ulong start = choices.Below(4) switch
        {
            0 => at + choices.Below(chunk),
            1 => at > 2 ? at - choices.Pick(1UL, 2) : 0,
            _ => at,
        };
        ulong length = choices.Pick(1UL, 1, 2, chunk, chunk, chunk, chunk + 1, chunk * 2, chunk * 5, 64, 200);
        start = Math.Min(start, size - 1);
        return (new Sectors(start).ToBytes(), new Sectors(Math.Min(length, size - start)).ToBytes());
    }
}
