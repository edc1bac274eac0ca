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
        Operation.RawIoctl o => new(new MachineCall.Control(o.Request, o.Buffer.Span.ToArray()), null),
        Operation.Open o => world.Resolve(o.Device) is { } device
            ? new(new MachineCall.Open(o.Handle, device, o.Mode), device) : new(null, null),
        Operation.Close o => new(new MachineCall.Close(o.Handle), null),
        Operation.Io io => LowerIo(io, world, step),
        Operation.LoopAttach o => new(Lower(o), DeviceNumber.Loop(o.Index)),
        Operation.LoopDetach o => new(new MachineCall.LoopDetach(o.Index), DeviceNumber.Loop(o.Index)),
        Operation.LoopResize o => new(new MachineCall.LoopResize(o.Index, o.Size.Value), DeviceNumber.Loop(o.Index)),
        Operation.Attribute o => world.Resolve(o.Device) is { } device
            ? new(new MachineCall.Attribute(device, o.Path, o.Text), device) : new(null, null),
        Operation.Advance => new(null, null),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown operation"),
    };

    public static MachineCall.LoopAttach Lower(Operation.LoopAttach o) => new(o.Index, o.Size.Value, o.ReadOnly, o.BlockSize ?? 0);

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

    /// <summary>Room for a reply's payload; a longer one makes the call grow its buffer.</summary>
    private const int ReplyRoom = 1024;

    private static MachineCall.Control LowerControl(Operation.Control control, World world) =>
        Request(control, world).ToCall() with { Grow = MayGrow(control) };

    /// <summary>A wait is not made twice: its second call would wait for the next event.</summary>
    private static bool MayGrow(Operation.Control control) => control is Operation.Message or Operation.Status or Operation.Table
        or Operation.Deps or Operation.ListDevices or Operation.ListVersions or Operation.TargetVersion;

    private static DmRequest Request(Operation.Control control, World world) => control switch
    {
        Operation.Version o => DmRequest.Version(o.Extra),
        Operation.Create o => DmRequest.Create(o.Name, o.Uuid, o.Minor, o.Extra, o.Cookie),
        Operation.RemoveAll o => DmRequest.RemoveAll(o.Deferred, o.Extra, o.Cookie),
        Operation.ArmPoll o => DmRequest.ArmPoll(o.Extra),
        Operation.ListDevices o => DmRequest.ListDevices(DmSelector.None, o.Extra, ReplyRoom),
        Operation.ListVersions o => DmRequest.ListVersions(o.Extra, ReplyRoom),
        Operation.TargetVersion o => DmRequest.TargetVersion(o.Type, o.Extra, ReplyRoom),
        Operation.OnDevice o => Request(o, o.Device.Selector, world),
        _ => throw new ArgumentOutOfRangeException(nameof(control), control, "unknown control operation"),
    };

    private static DmRequest Request(Operation.OnDevice on, DmSelector device, World world) => on switch
    {
        Operation.LoadTable o => DmRequest.Load(
            device, [.. o.Lines.Select(line => InPlace(line, world))], o.ReadOnly, o.Extra, o.Cookie),
        Operation.Clear o => DmRequest.Clear(device, o.Extra),
        Operation.Suspend o => DmRequest.Suspend(device, o.NoFlush, o.NoLockfs, o.Extra, o.Cookie),
        Operation.Resume o => DmRequest.Resume(device, o.NoFlush, o.NoLockfs, o.Extra, o.Cookie),
        Operation.Remove o => DmRequest.Remove(device, o.Deferred, o.Extra, o.Cookie),
        Operation.Rename o => DmRequest.Rename(device, o.NewName, o.Extra, o.Cookie),
        Operation.SetUuid o => DmRequest.SetUuid(device, o.NewUuid, o.Extra, o.Cookie),
        Operation.Message o => DmRequest.Message(device, o.Sector, o.Text, o.Extra, o.Cookie, ReplyRoom),
        Operation.Wait o => DmRequest.Wait(device, o.EventNr, noFlush: false, o.Extra, ReplyRoom),
        Operation.SetGeometry o => DmRequest.SetGeometry(device, o.Geometry, o.Extra),
        Operation.Info o => DmRequest.Info(device, o.Inactive, o.Extra),
        Operation.Status o => DmRequest.Status(device, o.Inactive, o.NoFlush, o.Extra, ReplyRoom),
        Operation.Table o => DmRequest.Table(device, o.Inactive, o.NoFlush, o.Extra, ReplyRoom),
        Operation.Deps o => DmRequest.Deps(device, o.Inactive, o.Extra, ReplyRoom),
        _ => throw new ArgumentOutOfRangeException(nameof(on), on, "unknown control operation"),
    };

    // What the harness asks when it looks.
    public static MachineCall LookForDevices() => DmRequest.ListDevices(room: ReplyRoom).ToCall();
    public static MachineCall LookAt(DmSelector device) => DmRequest.Info(device).ToCall();
    public static MachineCall LookAtTable(DmSelector device, bool inactive) => DmRequest.Table(device, inactive, room: ReplyRoom).ToCall();
    public static MachineCall LookAtStatus(DmSelector device, bool inactive) => DmRequest.Status(device, inactive, room: ReplyRoom).ToCall();
    public static MachineCall LookAtDeps(DmSelector device, bool inactive) => DmRequest.Deps(device, inactive, room: ReplyRoom).ToCall();

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
