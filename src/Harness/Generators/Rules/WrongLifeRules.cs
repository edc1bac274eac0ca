using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Operations on a device's life that the kernel ought to refuse.</summary>
internal static class WrongLifeRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("create-taken-name", HasDevices(5), scene => scene.Any() is { } d ? new Operation.Create(d.Name) : null) { IsWrong = true },
        new("create-taken-uuid", scene => scene.Has(d => d.Uuid.Length > 0) ? 5 : 0, CreateTakenUuid) { IsWrong = true },
        new("create-taken-minor", HasDevices(4), CreateTakenMinor) { IsWrong = true },
        new("create-bad-minor", _ => 2, scene => scene.FreeName() is { } name
            ? new Operation.Create(name, null, scene.Choices.Pick(1u << 20, (1u << 20) + 1, 0x7fffffff)) : null) { IsWrong = true },
        new("create-bad-name", _ => 3, CreateBadName) { IsWrong = true },
        new("missing-device", _ => 10, scene => OnDevice(scene, Names.Missing(scene))) { IsWrong = true },
        new("confused-device", _ => 4, scene => OnDevice(scene, Names.Confused(scene))) { IsWrong = true },
        new("rename-taken", scene => scene.Devices.Count > 1 ? 5 : 0, RenameTaken) { IsWrong = true },
        new("rename-bad", HasDevices(3), RenameBad) { IsWrong = true },
        new("set-uuid-taken", scene => scene.Has(d => d.Uuid.Length > 0) ? 5 : 0, SetTakenUuid) { IsWrong = true },
        new("set-uuid-again", scene => scene.Has(d => d.Uuid.Length > 0) ? 4 : 0, SetUuidAgain) { IsWrong = true },
        new("remove-busy", scene => scene.Has(d => d.OpenCount > 0) ? 8 : 0, scene => scene.Any(d => d.OpenCount > 0) is { } d
            ? new Operation.Remove(scene.Ref(d)) : null) { IsWrong = true },
        new("suspend-twice", scene => scene.Has(d => d.IsSuspended) ? 4 : 0, scene => scene.Any(d => d.IsSuspended) is { } d
            ? new Operation.Suspend(scene.Ref(d), scene.Choices.Percent(30)) : null) { IsWrong = true },
        new("resume-without-table", scene => scene.Has(d => !d.HasInactive && !d.HasLive) ? 4 : 0, scene =>
            scene.Any(d => !d.HasInactive && !d.HasLive) is { } d ? new Operation.Resume(scene.Ref(d)) : null) { IsWrong = true },
        new("cancel-not-deferred", HasDevices(2), scene => scene.Any(d => !d.IsDeferredRemove) is { } d
            ? new Operation.Message(scene.Ref(d), Sectors.Zero, "@cancel_deferred_remove") : null) { IsWrong = true },
    ];

    private static Func<Scene, int> HasDevices(int weight) => scene => scene.Devices.Count > 0 ? weight : 0;

    private static Operation.Create? CreateTakenUuid(Scene scene) =>
        scene.FreeName() is { } name && scene.Any(d => d.Uuid.Length > 0) is { } taken ? new Operation.Create(name, taken.Uuid) : null;

    private static Operation.Create? CreateTakenMinor(Scene scene) =>
        scene.FreeName() is { } name && scene.Any() is { } taken ? new Operation.Create(name, null, taken.Number.Minor) : null;

    private static Operation.Create CreateBadName(Scene scene) => new(
        scene.Choices.Percent(70) ? Names.Refused(scene.Choices) : Names.TooLong(scene.Choices),
        scene.Choices.Percent(20) ? "U/9" : null);

    private static Operation.Rename? RenameTaken(Scene scene) =>
        scene.Any() is { } device && scene.Any() is { } taken ? new Operation.Rename(scene.Ref(device), taken.Name) : null;

    private static Operation? RenameBad(Scene scene)
    {
        if (scene.Any() is not { } device)
            return null;
        string text = scene.Choices.Percent(50) ? Names.Refused(scene.Choices) : Names.TooLong(scene.Choices);
        return scene.Choices.Percent(70)
            ? new Operation.Rename(scene.Ref(device), text) : new Operation.SetUuid(scene.Ref(device), text);
    }

    private static Operation.SetUuid? SetTakenUuid(Scene scene) =>
        scene.Any() is { } device && scene.Any(d => d.Uuid.Length > 0) is { } taken
            ? new Operation.SetUuid(scene.Ref(device), taken.Uuid) : null;

    private static Operation.SetUuid? SetUuidAgain(Scene scene) =>
        scene.Any(d => d.Uuid.Length > 0) is { } device && scene.FreeUuid() is { } uuid
            ? new Operation.SetUuid(scene.Ref(device), uuid) : null;

    private static Operation OnDevice(Scene scene, DeviceRef device) => scene.Choices.Below(12) switch
    {
        0 => new Operation.Remove(device, scene.Choices.Percent(20)),
        1 => new Operation.Suspend(device),
        2 => new Operation.Resume(device),
        3 => new Operation.Rename(device, scene.FreeName() ?? "d9"),
        4 => new Operation.SetUuid(device, scene.FreeUuid() ?? "U9"),
        5 => new Operation.Clear(device),
        6 => new Operation.LoadTable(device, [new TableLine(Sectors.Zero, new Sectors(8), "zero", "")]),
        7 => new Operation.Status(device, scene.Choices.Percent(20)),
        8 => new Operation.Deps(device),
        9 => new Operation.Wait(device, scene.Choices.Pick(0u, 1)),
        10 => new Operation.Message(device, Sectors.Zero, "hello"),
        _ => new Operation.Info(device, scene.Choices.Percent(20)),
    };
}
