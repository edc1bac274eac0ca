using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Metadata;

/// <summary>Where pools have their metadata: loop devices, found through the lines that lead to them.</summary>
internal static class MetadataPlaces
{
    private const int MaxDepth = 8;

    /// <summary>The loop devices that are the metadata of a pool in service.</summary>
    public static IEnumerable<int> Of(World world) =>
        from device in world.Devices
        from line in device.Live
        where line.Type == "thin-pool"
        let loop = From(world, Word(line, 0), 0)
        where loop is not null
        select loop.Value;

    /// <summary>
    /// The loop devices among them that somebody else writes to as well: as the data of a pool, by a target that loses or spoils writes,
    /// or directly. What is found there afterwards need not be metadata.
    /// </summary>
    public static IEnumerable<int> Spoilt(World before, World after, Operation? operation)
    {
        foreach (var device in after.Devices)
        {
            foreach (var line in device.Live.Concat(device.Inactive))
            {
                bool loses = line.Type == "flakey"
                    && (line.Parameters.Contains("drop_writes", StringComparison.Ordinal) || line.Parameters.Contains("corrupt", StringComparison.Ordinal));
                string? written = line.Type == "thin-pool" ? Word(line, 1) : loses ? Word(line, 0) : null;
                foreach (int loop in Below(after, written, 0))
                    yield return loop;
            }
        }
        if (operation is not (Operation.Write or Operation.Discard or Operation.ZeroOut or Operation.SecureErase))
            yield break;
        var target = ((Operation.Io)operation).Target;
        var number = target.Handle is { } handle
            ? before.Handles.FirstOrDefault(h => h.Handle == handle)?.Device : before.Resolve(target.Device ?? DeviceRef.None);
        if (number is not { } written2 || before.Find(written2) is { Live: [{ Type: "thin" or "thin-pool" }, ..] })
            yield break;
        foreach (int loop in Below(before, written2.ToString(), 0))
            yield return loop;
    }

    /// <summary>A loop device itself, or the one that a device lies on from its first sector on.</summary>
    private static int? From(World world, string? name, int depth)
    {
        if (Loop(name) is { } loop)
            return loop;
        return depth < MaxDepth && Find(world, name) is { Live: [{ Type: "linear" or "flakey" or "delay" } line] } && Word(line, 1) == "0"
            ? From(world, Word(line, 0), depth + 1) : null;
    }

    private static IEnumerable<int> Below(World world, string? name, int depth)
    {
        if (Loop(name) is { } loop)
            return [loop];
        return depth < MaxDepth && Find(world, name) is { } device
            ? device.LiveDeps.SelectMany(below => Below(world, below.ToString(), depth + 1)) : [];
    }

    private static DeviceState? Find(World world, string? name) => world.Devices.FirstOrDefault(device => device.Number.ToString() == name);

    private static int? Loop(string? name) => name is not null && name.StartsWith("7:", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    private static string? Word(TableLine line, int index) => line.Parameters.Split(' ') is var words && index < words.Length ? words[index] : null;
}
