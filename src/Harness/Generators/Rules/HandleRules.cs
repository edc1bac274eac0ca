using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Holding devices open, and the loop devices below.</summary>
internal static class HandleRules
{
    private const int MaxHandles = 4;

    public static IReadOnlyList<Rule> Handles { get; } =
    [
        new("open", scene => scene.Devices.Count > 0 && scene.World.Handles.Count < MaxHandles ? 5 : 0, scene =>
            scene.Preferably(d => d.HasLive) is { } d ? Open(scene, scene.Ref(d)) : null),
        new("open-loop", scene => scene.World.Handles.Count < MaxHandles && scene.World.Loops.Count > 0 ? 1 : 0, scene =>
            Open(scene, DeviceRef.Loop(scene.Choices.AnyOf(scene.World.Loops).Index))),
        new("close", scene => scene.World.Handles.Count > 0 ? 4 : 0, scene => scene.World.Handles.Count > 0
            ? new Operation.Close(scene.Choices.AnyOf(scene.World.Handles).Handle) : null),
        new("close-unknown", _ => 1, scene => new Operation.Close(scene.FreeHandle())) { IsWrong = true },
        new("open-taken-handle", scene => scene.World.Handles.Count > 0 ? 1 : 0, scene => scene.Any() is { } d
            ? new Operation.Open(scene.Choices.AnyOf(scene.World.Handles).Handle, scene.Ref(d), OpenMode.Read) : null) { IsWrong = true },
        new("open-missing", _ => 1, scene => Open(scene, DeviceRef.ByNumber(DeviceNumber.Dm((uint)scene.Choices.Between(20, 40)))))
            { IsWrong = true },
    ];

    public static IReadOnlyList<Rule> Loops { get; } =
    [
        new("loop-attach", scene => scene.World.Loops.Count < 6 ? 1 : 0, scene => new Operation.LoopAttach(
            scene.Choices.Below(6), new Sectors(scene.Choices.Pick(8UL, 100, 512, 513, 1024)).ToBytes(), scene.Choices.Percent(15))),
        new("loop-resize", scene => scene.World.Loops.Count > 0 ? 1 : 0, scene => new Operation.LoopResize(
            scene.Choices.AnyOf(scene.World.Loops).Index, new Sectors(scene.Choices.Pick(1UL, 8, 256, 511, 512, 513, 1024)).ToBytes())),
        new("loop-detach", scene => scene.World.Loops.Count > 0 ? 1 : 0, scene =>
            new Operation.LoopDetach(scene.Choices.AnyOf(scene.World.Loops).Index)),
    ];

    private static Operation.Open Open(Scene scene, DeviceRef device)
    {
        var mode = scene.Choices.Pick(OpenMode.Read, OpenMode.Write, OpenMode.ReadWrite, OpenMode.ReadWrite);
        if (scene.Choices.Percent(20))
            mode |= OpenMode.Exclusive;
        return new Operation.Open(scene.FreeHandle(), device, mode);
    }
}
