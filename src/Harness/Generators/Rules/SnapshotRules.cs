using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators.Tables;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Origins, snapshots and merges: their tables, the devices below them, and I/O by chunks.</summary>
internal static class SnapshotRules
{
    private static readonly string[] Types = ["snapshot", "snapshot", "snapshot-origin", "snapshot-merge"];

    public static IReadOnlyList<Rule> Tables { get; } =
    [
        new("load-origin", scene => HasBare(scene) && !scene.Has(SnapshotScene.IsOrigin) ? 60 : HasBare(scene) ? 2 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d ? Load(scene, d, "snapshot-origin") : null) { IsBasic = true },
        new("load-snapshot", scene => HasBare(scene) ? 70 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d ? Load(scene, d, "snapshot") : null) { IsBasic = true },
        new("load-merge", scene => HasBare(scene) ? 6 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d ? Load(scene, d, "snapshot-merge") : null),
        new("load-ground", scene => HasBare(scene) && !scene.Has(SnapshotScene.IsGround) ? 45 : HasBare(scene) ? 6 : 0, scene =>
            scene.Any(SnapshotScene.IsBare) is { } d ? Of(scene, d, Ground(scene)) : null),
        new("reload-origin", scene => scene.Has(SnapshotScene.IsOrigin) ? 4 : 0, scene =>
            scene.Any(SnapshotScene.IsOrigin) is { } d ? Of(scene, d, Again(scene, d)) : null),
        new("reload-snapshot", scene => scene.Has(SnapshotScene.IsSnapshot) ? 7 : 0, scene =>
            scene.Any(SnapshotScene.IsSnapshot) is { } d ? Of(scene, d, Again(scene, d)) : null),
        new("merge-origin", scene => scene.Has(SnapshotScene.IsOrigin) && scene.Has(SnapshotScene.IsSnapshot) ? 8 : 0, Merge),
        new("end-merge", scene => scene.Has(SnapshotScene.IsMerge) ? 8 : 0, scene =>
            scene.Any(SnapshotScene.IsMerge) is { } d ? Of(scene, d, scene.Choices.Percent(60)
                ? new TableLine(Sectors.Zero, d.Size, "snapshot-origin", SnapshotScene.Named(scene, d.Live[0].Parameters.Split(' ')[0]))
                : Again(scene, d)) : null),
        new("load-wrong-snapshot", scene => scene.Devices.Count > 0 ? 8 : 0, scene =>
            scene.Any() is { } d ? Of(scene, d, Spoilt(scene, d, New(scene, scene.Choices.AnyOf(Types)))) : null) { IsWrong = true },
    ];

    /// <summary>What LVM does around a handover, which chance would not often bring about.</summary>
    public static IReadOnlyList<Rule> Handovers { get; } =
    [
        new("suspend-source", scene => scene.Has(d => IsSource(scene, d) && !d.IsSuspended) ? 30 : 0, scene =>
            scene.Any(d => IsSource(scene, d) && !d.IsSuspended) is { } d ? new Operation.Suspend(scene.Ref(d), scene.Choices.Percent(30)) : null),
        new("suspend-with-table", scene => scene.Has(d => d.HasInactive && d.HasLive && !d.IsSuspended) ? 8 : 0, scene =>
            scene.Any(d => d.HasInactive && d.HasLive && !d.IsSuspended) is { } d ? new Operation.Suspend(scene.Ref(d), scene.Choices.Percent(30)) : null),
        new("resume-suspended", scene => scene.Has(d => d.IsSuspended && d.HasLive) ? 14 : 0, scene =>
            scene.Any(d => d.IsSuspended && d.HasLive) is { } d ? new Operation.Resume(scene.Ref(d)) : null),
    ];

    public static IReadOnlyList<Rule> Io { get; } =
    [
        new("chunk-write", HasAny(30), scene => Chunks(scene, (device, offset, length) =>
            new Operation.Write(DeviceRef.ByName(device.Name), offset, length, scene.Choices.Percent(5) ? 0 : (ulong)scene.Step))) { IsBasic = true },
        new("chunk-read", HasAny(3), scene => Chunks(scene, (device, offset, length) =>
            new Operation.Read(DeviceRef.ByName(device.Name), offset, length))),
        new("chunk-discard", HasAny(7), scene => Chunks(scene, (device, offset, length) =>
            new Operation.Discard(DeviceRef.ByName(device.Name), offset, length))),
        new("chunk-zero-out", HasAny(2), scene => Chunks(scene, (device, offset, length) =>
            new Operation.ZeroOut(DeviceRef.ByName(device.Name), offset, length))),
        new("chunk-flush", HasAny(3), scene => Chunks(scene, (device, _, _) => new Operation.Flush(DeviceRef.ByName(device.Name)))),
    ];

    public static IReadOnlyList<Rule> Below { get; } =
    [
        new("fail-ground", scene => scene.Has(IsUsedGround) ? 12 : 0, scene =>
            scene.Any(IsUsedGround) is { } d ? Of(scene, d, Worse(scene, d)) : null),
        new("wipe-store", scene => scene.World.Loops.Count > 1 ? 5 : 0, scene =>
            new Operation.Write(IoTarget.On(DeviceRef.Loop(CowLoop(scene))), default, new Sectors(scene.Choices.Pick(1UL, 8)).ToBytes(), 0)),
        new("spoil-store", scene => scene.World.Loops.Count > 1 ? 1 : 0, scene => new Operation.Write(
            IoTarget.On(DeviceRef.Loop(CowLoop(scene))), new Sectors(scene.Choices.Pick(0UL, 1, 8, 16)).ToBytes(), new Sectors(1).ToBytes(), (ulong)scene.Step)),
        new("grow-below", scene => scene.World.Loops.Count > 0 ? 2 : 0, Grow),
    ];

    private static bool HasBare(Scene scene) => scene.Has(SnapshotScene.IsBare);

    private static Func<Scene, int> HasAny(int weight) => scene =>
        scene.Has(d => SnapshotScene.IsAny(d) && !scene.World.IsBlocked(d.Number)) ? weight
            : scene.Has(SnapshotScene.IsAny) && scene.World.Pending.Count < QueryRules.MaxPending ? 1 : 0;

    private static bool IsUsedGround(DeviceState device) => SnapshotScene.IsGround(device) && device.OpenCount > 0;

    private static int CowLoop(Scene scene) => scene.Choices.Between(1, SnapshotScene.CowLoops);

    /// <summary>A live snapshot whose COW device an inactive table wants too.</summary>
    private static bool IsSource(Scene scene, DeviceState device)
    {
        if (device.Live is not [var live] || SnapshotWords.Of(live) is not { } words)
            return false;
        return scene.Has(other => other.Inactive is [var line] && SnapshotWords.Of(line) is { } wanted && wanted.Cow == words.Cow);
    }

    private static Operation.LoadTable Of(Scene scene, DeviceState device, TableLine line) =>
        new(scene.Ref(device), [line], scene.Choices.Percent(2));

    private static Operation.LoadTable Load(Scene scene, DeviceState device, string type) => Of(scene, device, New(scene, type));

    private static TableLine New(Scene scene, string type)
    {
        string origin = SnapshotScene.Origin(scene);
        var choices = scene.Choices;
        ulong size = Math.Max(1, SnapshotScene.SizeOf(scene, origin).Value);
        ulong length = choices.Percent(88) ? size : Math.Min(size, choices.Pick(8UL, 100, size / 2 + 1, size));
        return new TableLine(Sectors.Zero, new Sectors(length), type,
            type == "snapshot-origin" ? origin : $"{origin} {SnapshotScene.Cow(scene, origin)} {Store(choices)}{Features(choices)}");
    }

    private static string Store(Choices choices)
    {
        string type = choices.Pick("P", "P", "P", "P", "PO", "PO", "N", "N", "n", "po", "persistent");
        return string.Create(CultureInfo.InvariantCulture, $"{type} {choices.Pick(8, 8, 8, 8, 1, 2, 4, 16, 32, 64, 0)}");
    }

    private static string Features(Choices choices) => choices.Pick("", "", "", "", " 0", " 1 discard_zeroes_cow",
        " 1 discard_zeroes_cow", " 2 discard_zeroes_cow discard_passdown_origin", " 2 discard_passdown_origin discard_zeroes_cow");

    /// <summary>The live line once more, now and then with another store type, chunk size or features.</summary>
    private static TableLine Again(Scene scene, DeviceState device)
    {
        var line = device.Live[0];
        string[] words = line.Parameters.Split(' ');
        words[0] = SnapshotScene.Named(scene, words[0]);
        if (words.Length < 4)
            return line with { Parameters = words[0] };
        words[1] = SnapshotScene.Named(scene, words[1]);
        string rest = scene.Choices.Percent(60) ? string.Join(' ', words[2..]) : Store(scene.Choices) + Features(scene.Choices);
        return line with { Parameters = $"{words[0]} {words[1]} {rest}" };
    }

    /// <summary>The origin becomes the device that merges one of its snapshots.</summary>
    private static Operation.LoadTable? Merge(Scene scene)
    {
        if (scene.Any(SnapshotScene.IsOrigin) is not { } device)
            return null;
        string origin = device.Live[0].Parameters;
        var snapshots = SnapshotScene.Snapshots(scene).FindAll(words => words.Origin == origin);
        if (snapshots.Count == 0)
            return null;
        var words = scene.Choices.AnyOf(snapshots);
        return Of(scene, device, new TableLine(Sectors.Zero, device.Size, "snapshot-merge",
            $"{SnapshotScene.Named(scene, origin)} {SnapshotScene.Named(scene, words.Cow)} {words.Store} {words.Chunk}"));
    }

    private static TableLine Spoilt(Scene scene, DeviceState owner, TableLine line)
    {
        if (scene.Choices.Percent(40))
        {
            string origin = line.Parameters.Split(' ')[0];
            return line with { Parameters = $"{origin} {SnapshotScene.Loop(1)} {scene.Choices.AnyOf(WrongStores)}" };
        }
        string spoilt = WrongWords.Spoil(scene, owner, line.Parameters);
        // As for thin pools: a number in the place of a device may name a ram disk.
        bool namesRamDisk = spoilt.Split(' ').Take(2).Any(word => ulong.TryParse(word, out _));
        return namesRamDisk ? line : line with { Parameters = spoilt };
    }

    private static readonly string[] WrongStores =
    [
        "X 8", "P", "", "P x", "P 3", "P 12", "P -8", "P 4194304", "P 4294967296", "N 0", "PX 8", "P8 8", "Q 8", "N 2147483648",
        "P 8 1", "P 8 3 a b c", "P 8 1 nosuch", "P 8 1 discard_passdown_origin", "P 8 2 discard_passdown_origin nosuch",
        "P 8 2 discard_zeroes_cow nosuch", "P 8 x", "P 8 -1", "N 2097152",
    ];

    private static TableLine Ground(Scene scene)
    {
        var choices = scene.Choices;
        int loop = choices.Percent(50) ? 0 : CowLoop(scene);
        ulong size = Math.Max(1, SnapshotScene.SizeOf(scene, SnapshotScene.Loop(loop)).Value);
        if (choices.Percent(25) && size >= 32)
        {
            ulong width = size / 2 / 8 * 8;
            return new TableLine(Sectors.Zero, new Sectors(2 * width), "striped",
                $"2 8 {SnapshotScene.Loop(loop)} 0 {SnapshotScene.Loop(loop)} {width}");
        }
        return new TableLine(Sectors.Zero, new Sectors(size), "linear", $"{SnapshotScene.Loop(loop)} 0");
    }

    /// <summary>The same device, failing in some way; or sound again.</summary>
    private static TableLine Worse(Scene scene, DeviceState device)
    {
        var line = device.Live[0];
        string below = line.Type is "linear" or "flakey" && line.Parameters.Split(' ') is [var name, ..] ? name : SnapshotScene.Loop(0);
        string parameters = scene.Choices.Below(6) switch
        {
            0 => "error ",
            1 => $"flakey {below} 0 0 60",
            2 => $"flakey {below} 0 0 60 1 error_writes",
            _ => $"linear {below} 0",
        };
        string[] words = parameters.Split(' ', 2);
        var length = words[0] == "error" ? device.Size : new Sectors(Math.Min(device.Size.Value, SnapshotScene.SizeOf(scene, below).Value));
        return new TableLine(Sectors.Zero, length, words[0], words[1]);
    }

    private static Operation? Chunks(Scene scene, Func<DeviceState, Bytes, Bytes, Operation> make)
    {
        bool anyhow = scene.Choices.Percent(8);
        var device = scene.Any(d => SnapshotScene.IsAny(d) && (anyhow || !scene.World.IsBlocked(d.Number)));
        if (device is null || (scene.World.IsBlocked(device.Number) && scene.World.Pending.Count >= QueryRules.MaxPending))
            return null;
        var (offset, length) = SnapshotScene.Run(scene, device);
        return make(device, offset, length);
    }

    private static Operation.LoopResize? Grow(Scene scene)
    {
        var loop = scene.Choices.AnyOf(scene.World.Loops);
        ulong size = loop.Size.ToSectorsFloor().Value + scene.Choices.Pick(8UL, 8, 16, 64, 100);
        return size > 1024 ? null : new Operation.LoopResize(loop.Index, new Sectors(size).ToBytes());
    }
}
