using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>
/// Devices between a pool and its loop devices, through which it can be made to fail: sound at first, then failing writes or everything,
/// then sound again.
/// </summary>
internal static class ThinGroundRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("load-ground", scene => scene.Has(ThinScene.IsBare) && !scene.Has(ThinScene.IsPool) ? 60 : 0, scene =>
            scene.Any(ThinScene.IsBare) is { } device ? Load(scene, device, scene.Choices.Percent(70) ? 0 : 1, sound: true) : null),
        new("change-ground", scene => !scene.Has(IsGround) || !scene.Has(ThinScene.IsPool) ? 0 : scene.Has(ThinScene.IsVolume) ? 25 : 5, scene =>
            scene.Any(IsGround) is { } device ? Load(scene, device, LoopOf(scene, device), scene.Choices.Percent(35)) : null),
    ];

    /// <summary>One line that leads to a loop device, or did.</summary>
    private static bool IsGround(DeviceState device) => device.Live is [{ Type: "linear" or "flakey" or "error" }];

    /// <summary>The loop device below; a failing device no longer says which, but the pool on it does.</summary>
    private static int LoopOf(Scene scene, DeviceState device)
    {
        bool isData = device.Live[0].Parameters.StartsWith(ThinScene.Loop(1), StringComparison.Ordinal)
            || scene.Has(pool => ThinScene.IsPool(pool) && pool.Live[0].Parameters.Split(' ') is [_, var data, ..] && data == device.Number.ToString());
        return isData ? 1 : 0;
    }

    /// <summary>What a pool is put on in the place of a loop device: a device over it, if there is any.</summary>
    public static string Above(Scene scene, int loop)
    {
        var ground = scene.Any(device => device.Live is [{ Type: "linear" or "flakey" } line] && line.Parameters.StartsWith(ThinScene.Loop(loop) + " 0", StringComparison.Ordinal));
        return ground is not null && scene.Choices.Percent(90) ? Naming.InTable(ground.Name) : ThinScene.Loop(loop);
    }

    /// <summary>Whether a pool that is or will be in service rests on the device.</summary>
    public static bool IsUnderPool(Scene scene, DeviceNumber number) => scene.Has(device =>
        (ThinScene.IsPool(device) && device.LiveDeps.Contains(number))
        || (device.Inactive is [{ Type: "thin-pool" }] && device.InactiveDeps.Contains(number)));

    public static bool LoadsPoolOnSuspended(Operation operation, Scene scene) => operation is Operation.LoadTable load && load.Lines.Any(line =>
        line.Type == "thin-pool" && Names(line, scene, device => scene.World.IsBlocked(device.Number)));

    /// <summary>A line of a pool or a volume that names a device which rests on the one that the line is for.</summary>
    public static bool LoadsVolumeUnderItsPool(Operation operation, Scene scene) => operation is Operation.LoadTable load
        && scene.World.Resolve(load.Device) is { } number && load.Lines.Any(line =>
            line.Type is "thin-pool" or "thin" && Names(line, scene, device => device.Number != number && scene.RestsOn(device.Number, number)));

    private static bool Names(TableLine line, Scene scene, Func<DeviceState, bool> which) => line.Parameters.Split(' ').Any(word =>
        scene.Has(device => which(device)
            && (word == Naming.InTable(device.Name) || word == device.Number.ToString() || word == $"/dev/dm-{device.Number.Minor}")));

    public static bool IsReadOnlyPoolOnOneDevice(TableLine line) => line.Type == "thin-pool"
        && line.Parameters.Contains("read_only", StringComparison.Ordinal)
        && line.Parameters.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var metadata, var data, ..]
        && Digits(metadata) == Digits(data);

    /// <summary>"7:0:0:", "7:0", "/dev/loop0", "7:4294967296", which wraps: the minor, by a coarse test on the safe side.</summary>
    private static string Digits(string device)
    {
        string number = device.StartsWith("7:", StringComparison.Ordinal) ? device[2..] : device.Replace("/dev/loop", "", StringComparison.Ordinal);
        int end = 0;
        while (end < number.Length && char.IsAsciiDigit(number[end]))
            end++;
        return UInt128.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? ((uint)(minor & uint.MaxValue)).ToString(CultureInfo.InvariantCulture) : device;
    }

    /// <summary>Whether a volume reaches past the end of the device behind its holes.</summary>
    public static bool HasLongOrigin(Scene scene) => scene.Has(device => device.Live.Concat(device.Inactive).Any(line =>
        line.Type == "thin" && line.Parameters.Split(' ') is [_, _, var origin] && line.Length > ThinScene.SizeOf(scene, origin)));

    private static Operation.LoadTable Load(Scene scene, DeviceState device, int loop, bool sound)
    {
        var choices = scene.Choices;
        string name = ThinScene.Loop(loop);
        var length = device.HasLive ? device.Size : ThinScene.SizeOf(scene, name);
        // Always down, so that nothing hangs on the clock.
        string type = sound ? "linear" : choices.Pick("flakey", "error");
        string parameters = type switch
        {
            "linear" => string.Create(CultureInfo.InvariantCulture, $"{name} 0"),
            "flakey" => string.Create(CultureInfo.InvariantCulture, $"{name} 0 0 1 1 error_writes"),
            _ => "",
        };
        return new Operation.LoadTable(scene.Ref(device), [new TableLine(Sectors.Zero, length, type, parameters)]);
    }
}
