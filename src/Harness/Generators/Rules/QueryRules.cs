using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Questions, events, messages and geometry: what changes little but is answered in detail.</summary>
internal static class QueryRules
{
    /// <summary>So many operations may be waiting at a time; each holds a thread in the guest.</summary>
    public const int MaxPending = 5;

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("info", HasDevices(3), scene => scene.Any() is { } d ? new Operation.Info(scene.Ref(d), scene.Choices.Percent(30)) : null),
        new("status", HasDevices(3), scene => scene.Any() is { } d
            ? new Operation.Status(scene.Ref(d), scene.Choices.Percent(25), scene.Choices.Percent(25)) : null),
        new("table", HasDevices(3), scene => scene.Any() is { } d
            ? new Operation.Table(scene.Ref(d), scene.Choices.Percent(35), scene.Choices.Percent(15)) : null),
        new("deps", HasDevices(2), scene => scene.Any() is { } d ? new Operation.Deps(scene.Ref(d), scene.Choices.Percent(35)) : null),
        new("ls", _ => 2, _ => new Operation.ListDevices()),
        new("version", _ => 1, _ => new Operation.Version()),
        new("targets", _ => 1, _ => new Operation.ListVersions()),
        new("target-version", _ => 1, scene =>
            new Operation.TargetVersion(scene.Choices.Pick("linear", "striped", "zero", "error", "delay", "flakey"))),
        new("arm-poll", _ => 2, _ => new Operation.ArmPoll()),
        new("wait-for-next", scene => scene.Devices.Count > 0 && scene.World.Pending.Count < MaxPending ? 4 : 0, scene =>
            scene.Any() is { } d ? new Operation.Wait(scene.Ref(d), d.EventNr) : null),
        new("wait-for-past", HasDevices(2), scene => scene.Any() is { } d
            ? new Operation.Wait(scene.Ref(d), scene.Choices.Pick(unchecked(d.EventNr + 1), unchecked(d.EventNr - 1), uint.MaxValue)) : null),
        new("set-geometry", scene => scene.Has(d => d.HasLive) ? 2 : 0, SetGeometry),

        new("bad-geometry", HasDevices(2), BadGeometry) { IsWrong = true },
        new("message-to-target", HasDevices(3), Message) { IsWrong = true },
        new("message-to-core", HasDevices(2), scene => scene.Any() is { } d
            ? new Operation.Message(scene.Ref(d), Sectors.Zero, scene.Choices.Pick(
                "@bogus", "@", "@cancel_deferred_remove now", "@cancel_deferred", "@CANCEL_DEFERRED_REMOVE x")) : null) { IsWrong = true },
        new("unknown-target-version", _ => 1, scene => new Operation.TargetVersion(
            scene.Choices.Pick("", "nosuch", "Linear", "linear ", "a-name-of-16-chrs", new string('t', 127)))) { IsWrong = true },
    ];

    private static Func<Scene, int> HasDevices(int weight) => scene => scene.Devices.Count > 0 ? weight : 0;

    private static Operation.SetGeometry? SetGeometry(Scene scene)
    {
        if (scene.Any(d => d.HasLive) is not { } device)
            return null;
        ulong start = scene.Choices.Percent(60) ? 0 : scene.Choices.Below(device.Size.Value + 1);
        return new Operation.SetGeometry(scene.Ref(device), $"{scene.Choices.Pick(1, 16, 1024, 65535)} "
            + $"{scene.Choices.Pick(1, 16, 255)} {scene.Choices.Pick(1, 63, 255)} {start}");
    }

    private static Operation.SetGeometry? BadGeometry(Scene scene)
    {
        if (scene.Any() is not { } device)
            return null;
        return new Operation.SetGeometry(scene.Ref(device), scene.Choices.Pick(
            "", "1", "1 2 3", "1 2 3 4 5", "1 2 3 4 ", "a b c d", "65536 1 1 0", "1 256 1 0", "1 1 256 0", "1 2 3 99999999",
            "1 2 3 18446744073709551615", "-1 1 1 0", "16 16 63 -1", "0x10 1 1 0", "1 1 1 0x"));
    }

    private static Operation.Message? Message(Scene scene)
    {
        if (scene.Any() is not { } device)
            return null;
        ulong sector = scene.Choices.Pick(0UL, 0, 0, 8, device.Size.Value, unchecked(device.Size.Value - 1), ulong.MaxValue);
        return new Operation.Message(scene.Ref(device), new Sectors(sector),
            scene.Choices.Pick("hello", "hello world", "", " ", "\\", "\\@x", "a\\ b", "io_cmd 1 2", new string('m', 300)));
    }
}
