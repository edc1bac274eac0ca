using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Outcomes;

/// <summary>
/// What the reference machine (usually the model) looks like after a step, learnt from its answers alone. Generators draw the next
/// operation from it, and the harness decides by it what can be observed.
/// </summary>
/// <param name="Devices">Mapped devices in the order of DM_LIST_DEVICES.</param>
/// <param name="Loops">Every loop device that was ever attached; a detached one has size 0.</param>
/// <param name="Handles">Handles that the sequence opened and has not closed.</param>
/// <param name="Pending">Operations that have not completed yet.</param>
public sealed record World(
    ValueList<DeviceState> Devices,
    ValueList<LoopState> Loops,
    ValueList<HandleState> Handles,
    ValueList<PendingOperation> Pending)
{
    public static World Empty { get; } = new([], [], [], []);

    /// <summary>Regions that statistics are kept of (@stats_create).</summary>
    public ValueList<RegionState> Regions { get; init; } = [];

    public DeviceState? Find(DeviceNumber number) => Devices.FirstOrDefault(device => device.Number == number);

    public DeviceState? Find(string name) =>
        Devices.FirstOrDefault(device => string.Equals(device.Name, name, StringComparison.Ordinal));

    /// <summary>The number of the device node that a reference means: as given, or that of the device so named.</summary>
    public DeviceNumber? Resolve(DeviceRef reference)
    {
        if (reference.Number is { } number)
            return number;
        foreach (var device in Devices)
        {
            if (device.Name == reference.Name || (reference.Uuid is { Length: > 0 } uuid && device.Uuid == uuid))
                return device.Number;
        }
        return null;
    }

    /// <summary>
    /// Whether I/O to the device would wait: it or a device below it is suspended, or a suspend or resume of one of them has
    /// not come to its end.
    /// </summary>
    public bool IsBlocked(DeviceNumber number) => IsBlocked(number, depth: 0);

    // The kernel stacks no deeper than its own recursion allows; a cycle cannot be loaded, but costs nothing to survive.
    private const int MaxDepth = 16;

    private bool IsBlocked(DeviceNumber number, int depth)
    {
        if (Find(number) is not { } device || depth > MaxDepth)
            return false;
        if (device.IsSuspended || IsChangingState(device))
            return true;
        foreach (var below in device.LiveDeps)
        {
            if (IsBlocked(below, depth + 1))
                return true;
        }
        return false;
    }

    private bool IsChangingState(DeviceState device)
    {
        foreach (var pending in Pending)
        {
            if (pending.Operation is Operation.RemoveAll or Operation.RawIoctl)
                return true;
            if (pending.Device == device.Number && pending.Operation is not (Operation.Io or Operation.Wait))
                return true;
        }
        return false;
    }

    /// <summary>Whether the device or one below it has a live target of the type.</summary>
    public bool IsOn(string targetType, DeviceNumber number) => TargetsBelow(number, 0).Any(line => line.Type == targetType);

    /// <summary>Live table lines of the device and of every mapped device below it.</summary>
    public IEnumerable<TableLine> TargetsBelow(DeviceNumber number) => TargetsBelow(number, 0);

    private IEnumerable<TableLine> TargetsBelow(DeviceNumber number, int depth)
    {
        if (Find(number) is not { } device || depth > MaxDepth)
            yield break;
        foreach (var line in device.Live)
            yield return line;
        foreach (var below in device.LiveDeps)
        {
            foreach (var line in TargetsBelow(below, depth + 1))
                yield return line;
        }
    }
}

/// <summary>A mapped device.</summary>
/// <param name="Live">The live table as the machine prints it.</param>
/// <param name="Inactive">The inactive table as the machine prints it.</param>
public sealed record DeviceState(
    string Name,
    string Uuid,
    DeviceNumber Number,
    DmFlags Flags,
    uint EventNr,
    int OpenCount,
    ValueList<TableLine> Live,
    ValueList<TableLine> Inactive,
    ValueList<DeviceNumber> LiveDeps,
    ValueList<DeviceNumber> InactiveDeps)
{
    public bool IsSuspended => (Flags & DmFlags.DM_SUSPEND_FLAG) != 0;
    public bool HasLive => (Flags & DmFlags.DM_ACTIVE_PRESENT_FLAG) != 0;
    public bool HasInactive => (Flags & DmFlags.DM_INACTIVE_PRESENT_FLAG) != 0;
    public bool IsReadOnly => (Flags & DmFlags.DM_READONLY_FLAG) != 0;
    public bool IsDeferredRemove => (Flags & DmFlags.DM_DEFERRED_REMOVE) != 0;

    /// <summary>The end of the live table.</summary>
    public Sectors Size => Live.Count == 0 ? Sectors.Zero : Live[^1].Start + Live[^1].Length;
}

public sealed record LoopState(int Index, Bytes Size)
{
    public DeviceNumber Number => DeviceNumber.Loop(Index);
}

public sealed record HandleState(int Handle, DeviceNumber Device, OpenMode Mode);

/// <summary>A region of a device's statistics.</summary>
/// <param name="Id">Its number, as the machine answered it.</param>
/// <param name="Precise">Its times are nanoseconds, not milliseconds.</param>
public sealed record RegionState(DeviceNumber Device, string Id, bool Precise);

/// <param name="Step">Index of its step in the case.</param>
/// <param name="Device">The device it was aimed at when it began, or null.</param>
public sealed record PendingOperation(int Step, Operation Operation, DeviceNumber? Device);
