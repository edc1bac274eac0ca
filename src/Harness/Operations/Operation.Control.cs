using DmSim.Abi;

namespace DmSim.Harness.Operations;

public abstract partial record Operation
{
    /// <summary>DM_VERSION.</summary>
    public sealed record Version : Control;

    /// <summary>DM_DEV_CREATE; a minor asks for exactly that one (DM_PERSISTENT_DEV_FLAG).</summary>
    public sealed record Create(string Name, string? Uuid = null, uint? Minor = null) : Control;

    /// <summary>DM_TABLE_LOAD into the inactive slot.</summary>
    public sealed record LoadTable(DeviceRef Device, ValueList<TableLine> Lines, bool ReadOnly = false) : OnDevice(Device);

    /// <summary>DM_TABLE_CLEAR.</summary>
    public sealed record Clear(DeviceRef Device) : OnDevice(Device);

    /// <summary>DM_DEV_SUSPEND with DM_SUSPEND_FLAG.</summary>
    public sealed record Suspend(DeviceRef Device, bool NoFlush = false, bool NoLockfs = false) : OnDevice(Device);

    /// <summary>DM_DEV_SUSPEND without DM_SUSPEND_FLAG: swaps in the inactive table when there is one. The flags are for the
    /// suspend that the swap may need.</summary>
    public sealed record Resume(DeviceRef Device, bool NoFlush = false, bool NoLockfs = false) : OnDevice(Device);

    /// <summary>DM_DEV_REMOVE.</summary>
    public sealed record Remove(DeviceRef Device, bool Deferred = false) : OnDevice(Device);

    /// <summary>DM_REMOVE_ALL.</summary>
    public sealed record RemoveAll(bool Deferred = false) : Control;

    /// <summary>DM_DEV_RENAME.</summary>
    public sealed record Rename(DeviceRef Device, string NewName) : OnDevice(Device);

    /// <summary>DM_DEV_RENAME with DM_UUID_FLAG.</summary>
    public sealed record SetUuid(DeviceRef Device, string NewUuid) : OnDevice(Device);

    /// <summary>DM_TARGET_MSG to the target that holds the sector.</summary>
    public sealed record Message(DeviceRef Device, Sectors Sector, string Text) : OnDevice(Device);

    /// <summary>DM_DEV_WAIT until the event number differs from <paramref name="EventNr"/>; answers the status.</summary>
    public sealed record Wait(DeviceRef Device, uint EventNr) : OnDevice(Device);

    /// <summary>DM_DEV_SET_GEOMETRY; the text is "cylinders heads sectors start".</summary>
    public sealed record SetGeometry(DeviceRef Device, string Geometry) : OnDevice(Device);

    /// <summary>DM_DEV_ARM_POLL.</summary>
    public sealed record ArmPoll : Control;

    /// <summary>DM_DEV_STATUS.</summary>
    public sealed record Info(DeviceRef Device, bool Inactive = false) : OnDevice(Device);

    /// <summary>DM_TABLE_STATUS: status texts.</summary>
    public sealed record Status(DeviceRef Device, bool Inactive = false, bool NoFlush = false) : OnDevice(Device);

    /// <summary>DM_TABLE_STATUS with DM_STATUS_TABLE_FLAG: table texts.</summary>
    public sealed record Table(DeviceRef Device, bool Inactive = false, bool NoFlush = false) : OnDevice(Device);

    /// <summary>DM_TABLE_DEPS.</summary>
    public sealed record Deps(DeviceRef Device, bool Inactive = false) : OnDevice(Device);

    /// <summary>DM_LIST_DEVICES.</summary>
    public sealed record ListDevices : Control;

    /// <summary>DM_LIST_VERSIONS.</summary>
    public sealed record ListVersions : Control;

    /// <summary>DM_GET_TARGET_VERSION.</summary>
    public sealed record TargetVersion(string Type) : Control;

    /// <summary>ioctl(2) with any request number and any bytes.</summary>
    public sealed record RawIoctl(uint Request, ValueList<byte> Buffer) : Operation;
}
