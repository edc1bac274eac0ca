using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>The life of a mapped device: created, suspended, resumed, renamed, removed.</summary>
internal static class LifeRules
{
    private const DmFlags UdevFlags = (DmFlags)0;

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("create", CreateWeight, Create) { IsBasic = true },
        new("create-minor", scene => CreateWeight(scene) / 4, CreateMinor),
        new("resume", ResumeWeight, Resume) { IsBasic = true },
        new("suspend", SuspendWeight, Suspend),
        new("clear", scene => scene.Has(d => d.HasInactive) ? 4 : scene.Devices.Count > 0 ? 1 : 0, scene =>
            scene.Preferably(d => d.HasInactive) is { } d ? new Operation.Clear(scene.Ref(d)) : null),
        new("remove", RemoveWeight, Remove),
        new("remove-deferred", scene => scene.Devices.Count == 0 ? 0 : scene.Has(d => d.OpenCount > 0) ? 5 : 1, scene =>
            scene.Preferably(d => d.OpenCount > 0) is { } d ? new Operation.Remove(scene.Ref(d), Deferred: true) : null),
        new("remove-all", scene => scene.Devices.Count > 2 ? 2 : 0, scene => new Operation.RemoveAll(scene.Choices.Percent(30))),
        new("rename", scene => scene.Devices.Count > 0 ? 4 : 0, Rename),
        new("set-uuid", scene => scene.Has(d => d.Uuid.Length == 0) ? 4 : 0, SetUuid),
        new("cancel-deferred", scene => scene.Has(d => d.IsDeferredRemove) ? 12 : 0, scene =>
            scene.Any(d => d.IsDeferredRemove) is { } d
                ? new Operation.Message(scene.Ref(d), Sectors.Zero, "@cancel_deferred_remove") : null),
    ];

    private static int CreateWeight(Scene scene) =>
        scene.Devices.Count == 0 ? 200 : scene.Devices.Count < scene.Swarm.MaxDevices ? 12 : 0;

    private static Operation.Create? Create(Scene scene)
    {
        if (scene.FreeName() is not { } name)
            return null;
        string? uuid = scene.Swarm.HasUuids && scene.Choices.Percent(60) ? scene.FreeUuid() : null;
        return new Operation.Create(name, uuid) { Extra = Extra(scene) };
    }

    private static Operation.Create? CreateMinor(Scene scene)
    {
        uint minor = scene.Choices.Pick(0u, 1, 2, 3, 5, 255, 256, 0xfffff);
        if (scene.Has(d => d.Number.Minor == minor))
            return null;
        return Create(scene) is { } create ? create with { Minor = minor } : null;
    }

    /// <summary>Flags that the command does not look at, now and then.</summary>
    private static DmFlags Extra(Scene scene) => scene.Choices.Percent(3)
        ? scene.Choices.Pick(DmFlags.DM_SKIP_BDGET_FLAG, DmFlags.DM_READONLY_FLAG, DmFlags.DM_SECURE_DATA_FLAG, DmFlags.DM_BUFFER_FULL_FLAG)
        : UdevFlags;

    private static int ResumeWeight(Scene scene) => scene.Devices.Count == 0 ? 0
        : scene.Has(WantsResume) ? 45 : 2;

    private static bool WantsResume(DeviceState device) => device.HasInactive || (device.IsSuspended && device.HasLive);

    private static Operation.Resume? Resume(Scene scene)
    {
        if (scene.Preferably(WantsResume, 95) is not { } device)
            return null;
        return new Operation.Resume(scene.Ref(device), scene.Choices.Percent(8), scene.Choices.Percent(8)) { Cookie = Cookie(scene) };
    }

    /// <summary>A udev cookie: the high half are flags for udev's rules, the low half names a semaphore; the kernel passes it on.</summary>
    private static uint Cookie(Scene scene) => scene.Choices.Percent(10) ? scene.Choices.Pick(0x0d4d0001u, 0xffffffff, 1) : 0;

    private static int SuspendWeight(Scene scene) => scene.Has(d => d.HasLive && !d.IsSuspended) ? 7 : scene.Devices.Count > 0 ? 1 : 0;

    private static Operation.Suspend? Suspend(Scene scene)
    {
        if (scene.Preferably(d => d.HasLive && !d.IsSuspended) is not { } device)
            return null;
        return new Operation.Suspend(scene.Ref(device), scene.Choices.Percent(25), scene.Choices.Percent(25));
    }

    private static int RemoveWeight(Scene scene) =>
        scene.Devices.Count == 0 ? 0 : scene.Devices.Count >= scene.Swarm.MaxDevices ? 5 : 3;

    private static Operation.Remove? Remove(Scene scene) => scene.Preferably(d => d.OpenCount == 0, 70) is { } device
        ? new Operation.Remove(scene.Ref(device)) { Cookie = Cookie(scene) } : null;

    private static Operation.Rename? Rename(Scene scene)
    {
        if (scene.Any() is not { } device || scene.FreeName() is not { } name)
            return null;
        string text = scene.Choices.Percent(5) ? Names.Odd(scene.Choices) : name;
        return new Operation.Rename(scene.Ref(device), text) { Cookie = Cookie(scene) };
    }

    private static Operation.SetUuid? SetUuid(Scene scene)
    {
        if (scene.Any(d => d.Uuid.Length == 0) is not { } device || scene.FreeUuid() is not { } uuid)
            return null;
        return new Operation.SetUuid(scene.Ref(device), scene.Choices.Percent(5) ? Names.Odd(scene.Choices) : uuid) { Cookie = Cookie(scene) };
    }
}
