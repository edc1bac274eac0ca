using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Exhaustive;

/// <summary>
/// The state of the one mapped device of the transition graph, as far as it can be seen, and what was last loaded. Names, numbers and
/// contents are left out: they change what is answered, not what is possible next.
/// </summary>
/// <param name="InactiveReadOnly">The inactive table was loaded to be read only; no ioctl tells before it is live.</param>
/// <param name="IsOpen">The case holds a handle on it.</param>
/// <param name="HasBlockedIo">I/O waits for the device to be resumed, and so holds it open.</param>
public readonly record struct DeviceView(
    bool Exists, bool HasLive, bool HasInactive, bool InactiveReadOnly, bool IsSuspended, bool IsReadOnly, bool IsDeferredRemove,
    bool IsOpen, bool HasBlockedIo)
{
    public static readonly DeviceView Absent;

    /// <summary>The state after a step.</summary>
    /// <param name="before">The state before it.</param>
    /// <param name="succeeded">Whether the operation was answered without an errno.</param>
    public static DeviceView After(DeviceView before, Operation operation, bool succeeded, World after)
    {
        if (after.Devices.Count == 0)
            return Absent;
        var device = after.Devices[0];
        bool readOnly = operation is Operation.LoadTable load && succeeded ? load.ReadOnly : before.InactiveReadOnly;
        return new DeviceView(
            Exists: true, device.HasLive, device.HasInactive, device.HasInactive && readOnly, device.IsSuspended, device.IsReadOnly,
            device.IsDeferredRemove, after.Handles.Count > 0, after.Pending.Any(pending => pending.Operation is Operation.Io));
    }

    public override string ToString() => !Exists ? "absent" : string.Join('+', new[]
    {
        HasLive ? "live" : "no table",
        HasInactive ? InactiveReadOnly ? "inactive read-only" : "inactive" : "",
        IsReadOnly ? "read-only" : "",
        IsSuspended ? "suspended" : "",
        IsDeferredRemove ? "deferred remove" : "",
        IsOpen ? "open" : "",
        HasBlockedIo ? "blocked I/O" : "",
    }.Where(word => word.Length > 0));
}
