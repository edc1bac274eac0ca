using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators.Rules;
using DmSim.Harness.Generators.Tables;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators;

/// <summary>Something that is not generated.</summary>
/// <param name="Name">Short and unique.</param>
/// <param name="Reason">Why comparing it would say nothing, or cost the guest.</param>
public sealed record AvoidedThing(string Name, string Reason, Func<Operation, Scene, bool> Is);

/// <summary>
/// All that generators keep away from, with the reason. A case that does one of these on purpose can still be written by hand and replayed.
/// </summary>
public static class Avoided
{
    public static IReadOnlyList<AvoidedThing> All { get; } =
    [
        new("delay-on-the-hour",
            "a delay that ends at the very instant at which calls are made, or within the few milliseconds that a call takes: either order is right",
            (operation, _) => Lines(operation).Any(line => line.Type == "delay" && !HasClearDelays(line))),
        new("rename-after-clear",
            "the kernel frees the text that describes the device twice, once more at the next load or removal (dm_ima_measure_on_device_rename "
            + "after dm_ima_measure_on_table_clear, drivers/md/dm-ima.c, 6.1), and some time later it jumps to where another's data is",
            (operation, scene) => scene.Dangling.Any && Renames(operation, scene)),
        new("raw-on-itself",
            "a raw command may resume a device onto itself, and its first reader then keeps a CPU of the guest busy for ever",
            (operation, scene) => operation is Operation.RawIoctl && scene.Devices.Any(device => WouldRestOnItself(device, scene))),
        new("flakey-under-delay",
            "I/O that was held back reaches flakey off the schedule's phases, near the whole seconds at which it goes up and down",
            (operation, scene) => operation is Operation.LoadTable load && MixesDelayAndFlakey(load, scene)),
        new("close-under-io",
            "a file that is closed while another thread reads or writes through it is released when that I/O ends, not when it is closed",
            (operation, scene) => operation is Operation.Close close && scene.World.Pending.Any(pending =>
                pending.Operation is Operation.Io { Target.Handle: { } handle } && handle == close.Handle)),
        new("on-itself",
            "a table on its own device is taken (dm_get_device asks no more than that it can be opened); I/O then goes round for ever, on both",
            (operation, scene) => operation is Operation.Resume resume && scene.World.Resolve(resume.Device) is { } number
                && scene.World.Find(number) is { } device && WouldRestOnItself(device, scene)),
        new("suspended-under-a-pool",
            "a pool over a suspended device sleeps in the middle of a command or of its worker, holding what others then wait for",
            (operation, scene) => operation is Operation.Suspend suspend && scene.World.Resolve(suspend.Device) is { } number
                && ThinGroundRules.IsUnderPool(scene, number) || ThinGroundRules.LoadsPoolOnSuspended(operation, scene)),
        new("volume-under-its-pool",
            "a pool suspends its volumes first, also a device that is to be one; what it then commits waits for the device for ever if it rests on it "
            + "(pool_presuspend, pool_postsuspend, drivers/md/dm-thin.c, 6.1)",
            ThinGroundRules.LoadsVolumeUnderItsPool),
        new("two-for-one-suspend-lock",
            "a suspend and a resume of one device that both wait for it (for its pool) go on in the order in which the scheduler wakes them",
            (operation, scene) => operation is Operation.Suspend or Operation.Resume
                && scene.World.Resolve(((Operation.OnDevice)operation).Device) is { } number
                && scene.World.Pending.Any(pending => pending.Device == number && pending.Operation is Operation.Suspend or Operation.Resume)),
        new("one-device-twice-in-a-read-only-pool",
            "a kernel bug: metadata opened for reading and then, as data and by another name, for writing too leave the constructor with a pointer to freed "
            + "memory (pool_ctr, drivers/md/dm-thin.c; dm_get_device, upgrade_mode, drivers/md/dm-table.c, 6.1)",
            (operation, _) => Lines(operation).Any(ThinGroundRules.IsReadOnlyPoolOnOneDevice)),
        new("read-only-under-long-origins",
            "a pool that may not change anything reads past the end of an external origin, and the log names the worker that did",
            (operation, scene) => operation is Operation.LoadTable load && load.Lines.Any(line => line.Type == "thin-pool")
                && ThinGroundRules.HasLongOrigin(scene)),
        new("blocks-prepared-at-once",
            "which of several new blocks a commit takes in that falls due meanwhile is the scheduler's choice (kcopyd, the pool's worker): mappings and "
            + "counts agree, the places of metadata blocks do not; pools that do not zero take several blocks in one go, and are written so",
            ThinRaces.PreparesBlocksAtOnce),
        new("stripes-from-2^31",
            "2 + 2 * stripes wraps to a small number, the argument count agrees, and the allocation of the stripes makes the kernel WARN",
            (operation, _) => Lines(operation).Any(line => line.Type == "striped" && HasWrappingStripes(line))),
        new("store-on-blocked",
            "the constructor of a snapshot reads its store, and a snapshot that becomes invalid writes it with its lock held: on a suspended or slow COW device both wait, and all who look at the snapshot",
            (operation, scene) => operation is Operation.LoadTable or Operation.Suspend && BlocksStore(operation, scene)),
        new("too-many-waiting",
            "every blocked operation holds a thread in the guest",
            (operation, scene) => scene.World.Pending.Count > QueryRules.MaxPending
                && operation is Operation.Wait or Operation.Io or Operation.Suspend or Operation.Resume),
        new("data-size-over-memory",
            "a data_size of megabytes succeeds or fails by how much memory the guest has free",
            (operation, _) => operation is Operation.RawIoctl { Buffer: var buffer } && buffer.Count >= DmIoctl.Size && ClaimsMegabytes(buffer)),
        new("targets-over-memory",
            "a target count of many thousands is refused or not by how much memory the guest has free (dm_table_create)",
            (operation, _) => operation is Operation.RawIoctl { Buffer: var buffer } && buffer.Count >= DmIoctl.Size && ClaimsManyTargets(buffer)),
    ];

    /// <summary>Why the operation is not made here, or null.</summary>
    public static AvoidedThing? Find(Operation operation, Scene scene)
    {
        foreach (var thing in All)
        {
            if (thing.Is(operation, scene))
                return thing;
        }
        return null;
    }

    private static bool Renames(Operation operation, Scene scene) => operation switch
    {
        Operation.Rename or Operation.SetUuid =>
            scene.World.Resolve(((Operation.OnDevice)operation).Device) is { } device && scene.Dangling.Has(device),
        Operation.RawIoctl raw => (DmCommand)(raw.Request & 0xff) == DmCommand.DM_DEV_RENAME,
        _ => false,
    };

    private static ValueList<TableLine> Lines(Operation operation) => operation is Operation.LoadTable load ? load.Lines : [];

    /// <summary>Every number in the place of a delay is zero or in phase; whatever is no number is refused anyway.</summary>
    private static bool HasClearDelays(TableLine line)
    {
        string[] words = Words(line);
        for (int i = 2; i < words.Length; i += 3)
        {
            if (Number(words[i]) is { } delay && !Delays.IsClear(delay))
                return false;
        }
        return true;
    }

    private static string[] Words(TableLine line) =>
        line.Parameters.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As "%u" reads it: what overflows 32 bits wraps.</summary>
    private static ulong? Number(string word) =>
        UInt128.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? (ulong)(value & uint.MaxValue) : null;

    private static bool HasWrappingStripes(TableLine line) =>
        Words(line) is [var first, ..] && Number(first.TrimStart('+')) is >= 1u << 31;

    /// <summary>Once its inactive table is live.</summary>
    private static bool WouldRestOnItself(DeviceState device, Scene scene) =>
        device.InactiveDeps.Any(below => scene.RestsOn(below, device.Number));

    /// <summary>
    /// A flakey line with both up and down times somewhere below a delay line, once this table is live. Delays above and below of the
    /// table's own device are looked at by name only: a coarse test, on the safe side.
    /// </summary>
    private static bool MixesDelayAndFlakey(Operation.LoadTable load, Scene scene)
    {
        bool flakey = load.Lines.Any(IsIntermittent), delay = load.Lines.Any(line => line.Type == "delay");
        if (!flakey && !delay && scene.World.Devices.Count < 2)
            return false;
        foreach (var device in scene.World.Devices)
        {
            foreach (var line in device.Live.Concat(device.Inactive))
            {
                flakey |= IsIntermittent(line);
                delay |= line.Type == "delay";
            }
        }
        return flakey && delay && load.Lines.Any(line => IsIntermittent(line) || line.Type == "delay" || OnMapped(line));
    }

    /// <summary>A snapshot's line over a device that is blocked or slow; or the suspension of a device that a live COW device rests on.</summary>
    private static bool BlocksStore(Operation operation, Scene scene)
    {
        if (operation is Operation.LoadTable load)
            return load.Lines.Any(line => line.Type is "snapshot" or "snapshot-merge")
                && scene.Devices.Any(device => NamesIt(load, device) && (scene.World.IsBlocked(device.Number) || scene.World.IsOn("delay", device.Number)));
        return operation is Operation.Suspend suspend && scene.World.Resolve(suspend.Device) is { } number
            && scene.Devices.SelectMany(device => device.Live).Select(SnapshotWords.Of).Any(words => words is { } snapshot
                && scene.Devices.Any(cow => cow.Number.ToString() == snapshot.Cow && scene.RestsOn(cow.Number, number)));
    }

    private static bool NamesIt(Operation.LoadTable load, DeviceState device) => load.Lines.Any(line =>
        line.Parameters.Contains(Naming.InTable(device.Name), StringComparison.Ordinal)
        || line.Parameters.Contains(device.Number.ToString(), StringComparison.Ordinal)
        || line.Parameters.Contains($"/dev/dm-{device.Number.Minor}", StringComparison.Ordinal));

    private static bool IsIntermittent(TableLine line) =>
        line.Type == "flakey" && Words(line) is [_, _, var up, var down, ..] && Number(up) is not 0 && Number(down) is not 0;

    private static bool OnMapped(TableLine line) => line.Parameters.Contains('{', StringComparison.Ordinal)
        || line.Parameters.Contains("/dev/dm-", StringComparison.Ordinal) || line.Parameters.Contains("254:", StringComparison.Ordinal);

    private const uint MostData = 1 << 20;
    private const uint MostTargets = 4096;
    private const uint TargetLimit = 1 << 20;

    private static bool ClaimsMegabytes(ValueList<byte> buffer)
    {
        uint size = new DmIoctl(buffer.Span.ToArray()).DataSize;
        return size is > MostData and <= DmRequest.MaxDataSize;
    }

    private static bool ClaimsManyTargets(ValueList<byte> buffer)
    {
        uint count = new DmIoctl(buffer.Span.ToArray()).TargetCount;
        return count is > MostTargets and <= TargetLimit;
    }
}
