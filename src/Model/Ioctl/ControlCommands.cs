using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Ioctl;

/// <summary>One row of the table of commands (lookup_ioctl, drivers/md/dm-ioctl.c, 6.1).</summary>
/// <param name="TakesPayload">Not IOCTL_FLAGS_NO_PARAMS: more than the header is copied in and out.</param>
/// <param name="IssuesGlobalEvent">IOCTL_FLAGS_ISSUE_GLOBAL_EVENT: success wakes who polls the control node.</param>
internal sealed record ControlCommand(
    bool TakesPayload, bool IssuesGlobalEvent, Func<ControlCall, ValueTask<Errno>> Handler);

internal static class ControlCommands
{
    /// <summary>The commands by number; DM_VERSION has no row, it is answered before the look-up.</summary>
    public static ControlCommand?[] Create(SimulatedKernel kernel, Action arm)
    {
        var names = new NameTable(kernel);
        var devices = new DeviceCommands(kernel, names);
        var tables = new TableCommands(kernel, names);
        var lists = new ListCommands(kernel, names);
        var messages = new MessageCommand(kernel, names);
        var rows = new ControlCommand?[(int)DmCommand.DM_GET_TARGET_VERSION + 1];

        void Add(DmCommand command, Func<ControlCall, ValueTask<Errno>> handler, bool payload = true, bool event_ = false) =>
            rows[(int)command] = new ControlCommand(payload, event_, handler);
        void AddNow(DmCommand command, Func<ControlCall, Errno> handler, bool payload = true, bool event_ = false) =>
            Add(command, call => new ValueTask<Errno>(handler(call)), payload, event_);

        Add(DmCommand.DM_REMOVE_ALL, devices.RemoveAllAsync, payload: false, event_: true);
        AddNow(DmCommand.DM_LIST_DEVICES, lists.ListDevices);
        AddNow(DmCommand.DM_DEV_CREATE, devices.Create, payload: false, event_: true);
        Add(DmCommand.DM_DEV_REMOVE, devices.RemoveAsync, payload: false, event_: true);
        AddNow(DmCommand.DM_DEV_RENAME, devices.Rename, event_: true);
        Add(DmCommand.DM_DEV_SUSPEND, devices.SuspendOrResumeAsync, payload: false);
        AddNow(DmCommand.DM_DEV_STATUS, devices.Status, payload: false);
        Add(DmCommand.DM_DEV_WAIT, tables.WaitAsync);
        AddNow(DmCommand.DM_TABLE_LOAD, tables.Load);
        AddNow(DmCommand.DM_TABLE_CLEAR, tables.Clear, payload: false);
        AddNow(DmCommand.DM_TABLE_DEPS, tables.Dependencies);
        AddNow(DmCommand.DM_TABLE_STATUS, tables.Status);
        AddNow(DmCommand.DM_LIST_VERSIONS, lists.ListVersions);
        Add(DmCommand.DM_TARGET_MSG, messages.SendAsync);
        AddNow(DmCommand.DM_DEV_SET_GEOMETRY, devices.SetGeometry);
        AddNow(DmCommand.DM_DEV_ARM_POLL, _ => { arm(); return Errno.None; }, payload: false);
        AddNow(DmCommand.DM_GET_TARGET_VERSION, lists.GetTargetVersion);
        return rows;
    }
}
