using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

/// <summary>An operation as a call on a machine.</summary>
/// <param name="Call">Null when nothing can be called: time only passes, or the device named has no node.</param>
/// <param name="OpenFirst">The device to open around the call; the call's handle is then <see cref="OperationLowering.IoHandle"/>.</param>
internal sealed record LoweredOperation(MachineCall? Call, DeviceNumber? Device, bool IsIo = false, OpenMode? OpenFirst = null);

/// <summary>Turns operations into calls. References by name are looked up in the reference machine's state.</summary>
internal static partial class OperationLowering
{
    /// <summary>Handles from here on are the harness's own: one per step that opens a device for an I/O, and one for looking.</summary>
    public const int FirstOwnHandle = 1 << 20;
    public const int LookHandle = FirstOwnHandle - 1;

    public static int IoHandle(int step) => FirstOwnHandle + step;

    private const ulong MaxIoBytes = 64 << 20;

    public static LoweredOperation Lower(Operation operation, World world, int step) => operation switch
    {
        Operation.Control control => new(LowerControl(control, world), DeviceOf(control, world)),
        Operation.RawIoctl o => new(new MachineCall.Control(o.Request, [.. o.Buffer]), null),
        Operation.Open o => world.Resolve(o.Device) is { } device
            ? new(new MachineCall.Open(o.Handle, device, o.Mode), device) : new(null, null),
        Operation.Close o => new(new MachineCall.Close(o.Handle), null),
        Operation.Io io => LowerIo(io, world, step),
        Operation.LoopAttach o => new(new MachineCall.LoopAttach(o.Index, o.Size.Value, o.ReadOnly), DeviceNumber.Loop(o.Index)),
        Operation.LoopDetach o => new(new MachineCall.LoopDetach(o.Index), DeviceNumber.Loop(o.Index)),
        Operation.LoopResize o => new(new MachineCall.LoopResize(o.Index, o.Size.Value), DeviceNumber.Loop(o.Index)),
        Operation.Advance => new(null, null),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown operation"),
    };

    private static DeviceNumber? DeviceOf(Operation.Control control, World world) =>
        control is Operation.OnDevice on ? world.Resolve(on.Device) : null;

    private static LoweredOperation LowerIo(Operation.Io io, World world, int step)
    {
        var device = io.Target.Handle is { } number
            ? world.Handles.FirstOrDefault(h => h.Handle == number)?.Device
            : world.Resolve(io.Target.Device ?? DeviceRef.None);
        int? handle = io.Target.Handle ?? (device is null ? null : IoHandle(step));
        if (handle is not { } onHandle)
            return new LoweredOperation(null, null);
        MachineCall? call = io switch
        {
            Operation.Read o when o.Length.Value <= MaxIoBytes => new MachineCall.Read(onHandle, o.Offset.Value, (int)o.Length.Value),
            Operation.Write o when o.Length.Value <= MaxIoBytes =>
                new MachineCall.Write(onHandle, o.Offset.Value, (int)o.Length.Value, o.Seed),
            Operation.Discard o => new MachineCall.Discard(onHandle, o.Offset.Value, o.Length.Value),
            Operation.SecureErase o => new MachineCall.SecureErase(onHandle, o.Offset.Value, o.Length.Value),
            Operation.ZeroOut o => new MachineCall.ZeroOut(onHandle, o.Offset.Value, o.Length.Value),
            Operation.Flush => new MachineCall.Flush(onHandle),
            _ => null,
        };
        OpenMode? open = call is null || io.Target.Handle is not null ? null
            : io is Operation.Read or Operation.Flush ? OpenMode.Read : OpenMode.ReadWrite;
        return new LoweredOperation(call, device, IsIo: true, open);
    }

    private static MachineCall.Control LowerControl(Operation.Control control, World world) => control switch
    {
        Operation.Version o => Plain(DmCommand.DM_VERSION, DeviceRef.None, o),
        Operation.Create o => Create(o),
        Operation.LoadTable o => new(DmCommand.DM_TABLE_LOAD.Request(), ControlBuffers.Table(o.Device,
            o.Extra | If(o.ReadOnly, DmFlags.DM_READONLY_FLAG), o.Cookie, [.. o.Lines.Select(line => InPlace(line, world))])),
        Operation.Clear o => Plain(DmCommand.DM_TABLE_CLEAR, o.Device, o),
        Operation.Suspend o => Plain(DmCommand.DM_DEV_SUSPEND, o.Device, o, DmFlags.DM_SUSPEND_FLAG
            | If(o.NoFlush, DmFlags.DM_NOFLUSH_FLAG) | If(o.NoLockfs, DmFlags.DM_SKIP_LOCKFS_FLAG)),
        Operation.Resume o => Plain(DmCommand.DM_DEV_SUSPEND, o.Device, o,
            If(o.NoFlush, DmFlags.DM_NOFLUSH_FLAG) | If(o.NoLockfs, DmFlags.DM_SKIP_LOCKFS_FLAG)),
        Operation.Remove o => Plain(DmCommand.DM_DEV_REMOVE, o.Device, o, If(o.Deferred, DmFlags.DM_DEFERRED_REMOVE)),
        Operation.RemoveAll o => Plain(DmCommand.DM_REMOVE_ALL, DeviceRef.None, o, If(o.Deferred, DmFlags.DM_DEFERRED_REMOVE)),
        Operation.Rename o => WithText(DmCommand.DM_DEV_RENAME, o, o.Extra, o.NewName),
        Operation.SetUuid o => WithText(DmCommand.DM_DEV_RENAME, o, o.Extra | DmFlags.DM_UUID_FLAG, o.NewUuid),
        Operation.Message o => new(DmCommand.DM_TARGET_MSG.Request(),
            ControlBuffers.Message(o.Device, o.Extra, o.Cookie, o.Sector, o.Text), Grow: true),
        Operation.Wait o => new(DmCommand.DM_DEV_WAIT.Request(),
            ControlBuffers.Header(o.Device, o.Extra, o.EventNr, ControlBuffers.ReplyRoom)),
        Operation.SetGeometry o => WithText(DmCommand.DM_DEV_SET_GEOMETRY, o, o.Extra, o.Geometry),
        Operation.ArmPoll o => Plain(DmCommand.DM_DEV_ARM_POLL, DeviceRef.None, o),
        Operation.Info o => Plain(DmCommand.DM_DEV_STATUS, o.Device, o, Inactive(o.Inactive)),
        Operation.Status o => Query(DmCommand.DM_TABLE_STATUS, o.Device,
            o.Extra | Inactive(o.Inactive) | If(o.NoFlush, DmFlags.DM_NOFLUSH_FLAG), o.Cookie),
        Operation.Table o => Query(DmCommand.DM_TABLE_STATUS, o.Device, o.Extra | DmFlags.DM_STATUS_TABLE_FLAG
            | Inactive(o.Inactive) | If(o.NoFlush, DmFlags.DM_NOFLUSH_FLAG), o.Cookie),
        Operation.Deps o => Query(DmCommand.DM_TABLE_DEPS, o.Device, o.Extra | Inactive(o.Inactive), o.Cookie),
        Operation.ListDevices o => Query(DmCommand.DM_LIST_DEVICES, DeviceRef.None, o.Extra | DmFlags.DM_UUID_FLAG, o.Cookie),
        Operation.ListVersions o => Query(DmCommand.DM_LIST_VERSIONS, DeviceRef.None, o.Extra, o.Cookie),
        Operation.TargetVersion o => Query(DmCommand.DM_GET_TARGET_VERSION, DeviceRef.ByName(o.Type), o.Extra, o.Cookie),
        _ => throw new ArgumentOutOfRangeException(nameof(control), control, "unknown control operation"),
    };

    private static MachineCall.Control Create(Operation.Create o)
    {
        var number = o.Minor is { } minor ? new DeviceNumber(0, minor) : (DeviceNumber?)null;
        return Plain(DmCommand.DM_DEV_CREATE, new DeviceRef(o.Name, o.Uuid, number), o,
            If(number is not null, DmFlags.DM_PERSISTENT_DEV_FLAG));
    }

    private static DmFlags If(bool condition, DmFlags flags) => condition ? flags : DmFlags.None;

    private static DmFlags Inactive(bool inactive) => If(inactive, DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG);

    private static MachineCall.Control Plain(DmCommand command, DeviceRef device, Operation.Control o, DmFlags flags = DmFlags.None) =>
        new(command.Request(), ControlBuffers.Header(device, o.Extra | flags, o.Cookie));

    private static MachineCall.Control WithText(DmCommand command, Operation.OnDevice o, DmFlags flags, string text) =>
        new(command.Request(), ControlBuffers.WithText(o.Device, flags, o.Cookie, text));

    /// <summary>A command that answers with a payload, asked again with more room while it does not fit.</summary>
    public static MachineCall.Control Query(DmCommand command, DeviceRef device, DmFlags flags, uint eventNr = 0) =>
        new(command.Request(), ControlBuffers.Header(device, flags, eventNr, ControlBuffers.ReplyRoom), Grow: true);

    public static MachineCall.Control Ask(DmCommand command, DeviceRef device, DmFlags flags = DmFlags.None) =>
        new(command.Request(), ControlBuffers.Header(device, flags));

    private static TableLine InPlace(TableLine line, World world)
    {
        if (!line.Parameters.Contains('{', StringComparison.Ordinal))
            return line;
        return line with
        {
            Parameters = DeviceInTable().Replace(line.Parameters, match =>
                world.Find(match.Groups[1].Value)?.Number.ToString() ?? match.Value),
        };
    }

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex DeviceInTable();
}
