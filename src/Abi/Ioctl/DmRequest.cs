using System.Text;

namespace DmSim.Abi;

/// <summary>
/// A request to /dev/mapper/control as bytes: header, payload, and room for the reply. What libdevmapper's dm_task is to C.
/// The factories take any values, legal or not: to refuse is the kernel's part.
/// </summary>
/// <param name="Command">What is asked.</param>
/// <param name="Buffer">At least <see cref="DmIoctl.Size"/> bytes.</param>
public sealed record DmRequest(DmCommand Command, byte[] Buffer)
{
    /// <summary>What libdevmapper starts with (16 KiB), for commands that answer with a payload.</summary>
    public const int DefaultBufferSize = 16 * 1024;

    /// <summary>The largest data_size that the kernel takes: DM_MAX_TARGETS * DM_MAX_TARGET_PARAMS (copy_params, dm-ioctl.c, 6.1).</summary>
    public const uint MaxDataSize = 1u << 30;

    /// <summary>The whole request number for ioctl(2).</summary>
    public uint Number => Command.Request();

    /// <summary>Whether the reply has a payload, so that it can say DM_BUFFER_FULL.</summary>
    public bool HasReplyPayload => Command is DmCommand.DM_LIST_DEVICES or DmCommand.DM_DEV_WAIT or DmCommand.DM_TABLE_DEPS
        or DmCommand.DM_TABLE_STATUS or DmCommand.DM_LIST_VERSIONS or DmCommand.DM_TARGET_MSG or DmCommand.DM_GET_TARGET_VERSION;

    /// <summary>The same request as plain data for a batch; it grows its buffer where the reply can overflow it.</summary>
    public MachineCall.Control ToCall() => new(Number, Buffer, Grow: HasReplyPayload);

    /// <summary>Builds any request.</summary>
    /// <param name="eventNr">The event number to wait for, or the udev cookie.</param>
    /// <param name="room">Bytes after the header, at least; 0 makes them just enough for the payload.</param>
    public static DmRequest Build(
        DmCommand command, DmSelector device, DmFlags flags = DmFlags.None, uint eventNr = 0,
        ReadOnlySpan<byte> payload = default, uint targetCount = 0, int room = 0)
    {
        byte[] buffer = new byte[checked(DmIoctl.Size + Math.Max(room, DmText.Align(payload.Length)))];
        var header = new DmIoctl(buffer)
        {
            // libdevmapper claims 4.0.0: every kernel of major 4 takes it (check_version, dm-ioctl.c).
            VersionMajor = 4,
            DataSize = (uint)buffer.Length,
            DataStart = DmIoctl.Size,
            TargetCount = targetCount,
            Flags = flags,
            EventNr = eventNr,
            Dev = device.Number?.Encode() ?? 0,
        };
        DmText.Put(device.Name, header.NameField);
        DmText.Put(device.Uuid, header.UuidField);
        payload.CopyTo(buffer.AsSpan(DmIoctl.Size));
        return new DmRequest(command, buffer);
    }

    private const int DefaultRoom = DefaultBufferSize - DmIoctl.Size;

    private static DmRequest WithText(DmCommand command, DmSelector device, DmFlags flags, uint cookie, string text)
    {
        byte[] payload = new byte[text.Length + 1];
        DmText.Put(text, payload.AsSpan(0, text.Length));
        return Build(command, device, flags, cookie, payload);
    }

    public static DmRequest Version(DmFlags extra = DmFlags.None) => Build(DmCommand.DM_VERSION, DmSelector.None, extra);

    /// <param name="deferred">Schedules the removal of what is in use for when it is closed.</param>
    public static DmRequest RemoveAll(bool deferred = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_REMOVE_ALL, DmSelector.None, extra | If(deferred, DmFlags.DM_DEFERRED_REMOVE), cookie);

    /// <summary>All devices, with their uuids. A prefix of name or uuid in <paramref name="prefix"/> narrows the list (filter_device).</summary>
    public static DmRequest ListDevices(DmSelector prefix = default, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_LIST_DEVICES, prefix, extra | DmFlags.DM_UUID_FLAG, room: room);

    /// <param name="minor">Asks for exactly this minor (DM_PERSISTENT_DEV_FLAG).</param>
    public static DmRequest Create(
        string name, string? uuid = null, uint? minor = null, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_DEV_CREATE,
            new DmSelector(name, uuid, minor is { } number ? new DeviceNumber(0, number) : null),
            extra | If(minor is not null, DmFlags.DM_PERSISTENT_DEV_FLAG), cookie);

    public static DmRequest Remove(DmSelector device, bool deferred = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_DEV_REMOVE, device, extra | If(deferred, DmFlags.DM_DEFERRED_REMOVE), cookie);

    public static DmRequest Rename(DmSelector device, string newName, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        WithText(DmCommand.DM_DEV_RENAME, device, extra, cookie, newName);

    public static DmRequest SetUuid(DmSelector device, string uuid, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        WithText(DmCommand.DM_DEV_RENAME, device, extra | DmFlags.DM_UUID_FLAG, cookie, uuid);

    public static DmRequest Suspend(
        DmSelector device, bool noFlush = false, bool noLockfs = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_DEV_SUSPEND, device, extra | DmFlags.DM_SUSPEND_FLAG | HowToSuspend(noFlush, noLockfs), cookie);

    /// <summary>Resumes, after putting the inactive table, if there is one, in place of the live one.</summary>
    /// <param name="noFlush">For the suspend that the swap of tables may need; likewise <paramref name="noLockfs"/>.</param>
    public static DmRequest Resume(
        DmSelector device, bool noFlush = false, bool noLockfs = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_DEV_SUSPEND, device, extra | HowToSuspend(noFlush, noLockfs), cookie);

    private static DmFlags HowToSuspend(bool noFlush, bool noLockfs) =>
        If(noFlush, DmFlags.DM_NOFLUSH_FLAG) | If(noLockfs, DmFlags.DM_SKIP_LOCKFS_FLAG);

    /// <summary>DM_DEV_STATUS: the header, filled in.</summary>
    public static DmRequest Info(DmSelector device, bool inactive = false, DmFlags extra = DmFlags.None) =>
        Build(DmCommand.DM_DEV_STATUS, device, extra | If(inactive, DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG));

    /// <summary>Waits until the event number differs from <paramref name="eventNr"/>, then answers as Status does.</summary>
    public static DmRequest Wait(
        DmSelector device, uint eventNr, bool noFlush = false, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_DEV_WAIT, device, extra | If(noFlush, DmFlags.DM_NOFLUSH_FLAG), eventNr, room: room);

    public static DmRequest Load(
        DmSelector device, IReadOnlyList<TableLine> lines, bool readOnly = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        Build(DmCommand.DM_TABLE_LOAD, device, extra | If(readOnly, DmFlags.DM_READONLY_FLAG), cookie,
            DmTargetSpec.EncodeLoad(lines), (uint)lines.Count);

    public static DmRequest Clear(DmSelector device, DmFlags extra = DmFlags.None) =>
        Build(DmCommand.DM_TABLE_CLEAR, device, extra);

    public static DmRequest Deps(
        DmSelector device, bool inactive = false, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_TABLE_DEPS, device, extra | If(inactive, DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG), room: room);

    /// <summary>The targets' status texts.</summary>
    public static DmRequest Status(
        DmSelector device, bool inactive = false, bool noFlush = false, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_TABLE_STATUS, device, extra | If(noFlush, DmFlags.DM_NOFLUSH_FLAG)
            | If(inactive, DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG), room: room);

    /// <summary>The targets' table texts.</summary>
    public static DmRequest Table(
        DmSelector device, bool inactive = false, bool noFlush = false, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Status(device, inactive, noFlush, extra | DmFlags.DM_STATUS_TABLE_FLAG, room);

    public static DmRequest ListVersions(DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_LIST_VERSIONS, DmSelector.None, extra, room: room);

    /// <summary>The version of one target type, which the kernel may have to load a module for.</summary>
    public static DmRequest TargetVersion(string type, DmFlags extra = DmFlags.None, int room = DefaultRoom) =>
        Build(DmCommand.DM_GET_TARGET_VERSION, type, extra, room: room);

    /// <summary>A message to the target that holds <paramref name="sector"/>; to the core when it starts with "@".</summary>
    public static DmRequest Message(
        DmSelector device, Sectors sector, string message, DmFlags extra = DmFlags.None, uint cookie = 0, int room = DefaultRoom) =>
        Build(DmCommand.DM_TARGET_MSG, device, extra, cookie, DmTargetMsg.Encode(sector, message), room: room);

    /// <param name="geometry">"cylinders heads sectors start", or whatever is to be refused.</param>
    public static DmRequest SetGeometry(DmSelector device, string geometry, DmFlags extra = DmFlags.None) =>
        WithText(DmCommand.DM_DEV_SET_GEOMETRY, device, extra, 0, geometry);

    public static DmRequest ArmPoll(DmFlags extra = DmFlags.None) => Build(DmCommand.DM_DEV_ARM_POLL, DmSelector.None, extra);

    private static DmFlags If(bool condition, DmFlags flags) => condition ? flags : DmFlags.None;

    public bool Equals(DmRequest? other) =>
        other is not null && Command == other.Command && Buffer.AsSpan().SequenceEqual(other.Buffer);

    public override int GetHashCode() => HashCode.Combine(Command, Buffer.Length);

    public override string ToString()
    {
        var header = new DmIoctl(Buffer);
        var text = new StringBuilder().Append(Command);
        foreach (string part in (ReadOnlySpan<string>)[DmText.Get(header.NameField), DmText.Get(header.UuidField)])
        {
            if (part.Length > 0)
                text.Append(' ').Append(part);
        }
        return text.ToString();
    }
}
