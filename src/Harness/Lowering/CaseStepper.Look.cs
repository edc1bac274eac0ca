using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

public sealed partial class CaseStepper
{
    /// <summary>Of a huge device only the beginning is read.</summary>
    private const ulong MaxDigestBytes = 4 << 20;

    /// <summary>A device is read in so many pieces, so that a failing part can be told from a working one.</summary>
    private const ulong PiecesPerDevice = 16;

    private const ulong PieceUnit = 4096;

    /// <summary>Devices whose reads are delayed longer than this are not read whole: their pieces would fill the slots to come.</summary>
    private const ulong MaxDelayToReadMs = 100;

    /// <summary>
    /// What is looked at, and in which order, is decided here by the reference's answers; other machines are asked the same. First what
    /// the operation itself caused (completions, log, uevents), then the state, contents last, then what the looking has logged.
    /// </summary>
    private async ValueTask LookAsync(bool intoDevices)
    {
        intoDevices |= await CollectAsync();
        intoDevices &= _policy != LookPolicy.Never;
        await LookAsync(CallRole.Log, Subject.Machine, new MachineCall.TakeLog());
        await LookAsync(CallRole.Uevents, Subject.Machine, new MachineCall.TakeUevents());
        await LookAsync(CallRole.Poll, Subject.Machine, new MachineCall.PollControl());
        var listing = await LookAsync(CallRole.List, Subject.Machine, LookForDevices);
        var devices = new List<DeviceState>();
        if (Answer(DmCommand.DM_LIST_DEVICES, listing) is { } list && list.TryDevices(out var listed, out _))
        {
            foreach (var device in listed)
                devices.Add(await LookAtAsync(device));
        }
        World = World with { Devices = ValueList.From(devices) };
        if (intoDevices)
        {
            foreach (var device in World.Devices)
                await LookIntoAsync(device);
            await LookIntoLoopsAsync();
        }
        await LookAsync(CallRole.LogOfLooking, Subject.Machine, new MachineCall.TakeLog());
    }

    private static readonly MachineCall LookForDevices = OperationLowering.LookForDevices();

    private ValueTask<MachineReply> LookAsync(CallRole role, Subject subject, MachineCall call, DeviceNumber device = default) =>
        CallAsync(new PlannedCall(Step, role, subject, device), SlotSchedule.Look,
            role is CallRole.Digest or CallRole.Dump ? SlotSchedule.DigestPatience : SlotSchedule.LookPatience, call);

    /// <summary>Learns what has completed since; true when anything has.</summary>
    private async ValueTask<bool> CollectAsync()
    {
        bool closed = false;
        var reply = (MachineReply.Collect)await LookAsync(CallRole.Collect, Subject.Machine, new MachineCall.Collect());
        foreach (var completion in reply.Completions)
        {
            int step = History.Calls[completion.CallIndex].Step;
            World = World with { Pending = ValueList.From(World.Pending.Where(p => p.Step != step)) };
            if (_handleOfPendingCall.Remove(completion.CallIndex, out int handle))
            {
                await CloseAsync(handle, SlotSchedule.Look, SlotSchedule.LookPatience);
                closed = true;
            }
        }
        // A deferred removal that the close sets off is a worker's, and takes many milliseconds: grace periods, the end of the disk
        // (dm_blk_close, do_deferred_remove, drivers/md/dm.c). What else is looked at waits a slot for it.
        if (closed)
            _slot += SlotSchedule.Slot;
        return reply.Completions.Count > 0;
    }

    private static DmReply? Answer(DmCommand command, MachineReply reply) =>
        reply is MachineReply.Control { Errno: Errno.None } control ? new DmReply(command, control.Errno, control.Buffer) : null;

    private async ValueTask<DeviceState> LookAtAsync(DmListedDevice listed)
    {
        var subject = Subject.Device(listed.Name);
        var info = await LookAsync(CallRole.Info, subject, CallFor(CallRole.Info, listed.Name), listed.Number);
        var state = new DeviceState(listed.Name, listed.Uuid ?? "", listed.Number, DmFlags.None, listed.EventNr, 0, [], [], [], []);
        if (Answer(DmCommand.DM_DEV_STATUS, info) is not { Header: var header })
            return state;
        state = state with { Flags = header.Flags, EventNr = header.EventNr, OpenCount = header.OpenCount };
        if (state.HasLive)
        {
            state = state with
            {
                Live = await LinesAsync(CallRole.Table, state),
                LiveDeps = await DepsAsync(CallRole.Deps, state),
            };
            await LinesAsync(CallRole.Status, state);
        }
        if (state.HasInactive)
        {
            state = state with
            {
                Inactive = await LinesAsync(CallRole.InactiveTable, state),
                InactiveDeps = await DepsAsync(CallRole.InactiveDeps, state),
            };
            await LinesAsync(CallRole.InactiveStatus, state);
        }
        return state;
    }

    /// <summary>The call for a look at a device, of which there is one for the whole case: nobody writes to what it asks with.</summary>
    private MachineCall CallFor(CallRole role, string device)
    {
        if (_lookCalls.TryGetValue((role, device), out var known))
            return known;
        var call = role switch
        {
            CallRole.Info => OperationLowering.LookAt(device),
            CallRole.Table or CallRole.InactiveTable => OperationLowering.LookAtTable(device, role == CallRole.InactiveTable),
            CallRole.Status or CallRole.InactiveStatus => OperationLowering.LookAtStatus(device, role == CallRole.InactiveStatus),
            CallRole.Deps or CallRole.InactiveDeps => OperationLowering.LookAtDeps(device, role == CallRole.InactiveDeps),
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, "no look at a device by its name"),
        };
        _lookCalls.Add((role, device), call);
        return call;
    }

    private readonly Dictionary<(CallRole Role, string Device), MachineCall> _lookCalls = [];

    private async ValueTask<ValueList<TableLine>> LinesAsync(CallRole role, DeviceState device)
    {
        var reply = await LookAsync(role, Subject.Device(device.Name), CallFor(role, device.Name), device.Number);
        return Answer(DmCommand.DM_TABLE_STATUS, reply) is { } answer && answer.TryLines(out var lines, out _)
            ? ValueList.From(lines) : [];
    }

    private async ValueTask<ValueList<DeviceNumber>> DepsAsync(CallRole role, DeviceState device)
    {
        var reply = await LookAsync(role, Subject.Device(device.Name), CallFor(role, device.Name), device.Number);
        return Answer(DmCommand.DM_TABLE_DEPS, reply) is { } answer && answer.TryDeps(out var deps, out _)
            ? ValueList.From(deps) : [];
    }

    private async ValueTask LookIntoAsync(DeviceState device)
    {
        var subject = Subject.Device(device.Name);
        ulong size = await LimitsAsync(subject, device.Number);
        ulong delay = LongestReadDelayMs(device.Number);
        if (size == 0 || delay > MaxDelayToReadMs || World.IsBlocked(device.Number))
            return;
        ulong end = Math.Min(size, MaxDigestBytes);
        ulong piece = delay > 0 ? Math.Min(end, 1 << 20)
            : Math.Max(PieceUnit, (end / PiecesPerDevice + PieceUnit - 1) / PieceUnit * PieceUnit);
        await LookAsync(CallRole.Digest, subject, new MachineCall.Digest(device.Number, (int)piece, end), device.Number);
    }

    private async ValueTask LookIntoLoopsAsync()
    {
        var loops = new List<LoopState>();
        foreach (int index in _loops)
        {
            var number = DeviceNumber.Loop(index);
            ulong size = await LimitsAsync(Subject.Loop(index), number);
            loops.Add(new LoopState(index, new Bytes(size)));
            if (size == 0)
                continue;
            ulong end = Math.Min(size, MaxDigestBytes);
            await LookAsync(CallRole.Digest, Subject.Loop(index), new MachineCall.Digest(number, (int)Math.Min(end, 1 << 20), end), number);
        }
        World = World with { Loops = ValueList.From(loops) };
    }

    /// <summary>
    /// The metadata of pools, for the tools that read it. The looks before have asked for the pools' status and so committed: what is
    /// read here is what a pool would find that came up now.
    /// </summary>
    private async ValueTask DumpMetadataAsync()
    {
        foreach (int index in _metadata)
        {
            var device = DeviceNumber.Loop(index);
            await LookAsync(CallRole.Dump, Subject.Loop(index), new MachineCall.Dump(device, MaxDigestBytes), device);
        }
    }

    /// <summary>Opens the device, asks for size and limits, closes it. Answers the size, 0 when it cannot be opened.</summary>
    private async ValueTask<ulong> LimitsAsync(Subject subject, DeviceNumber device)
    {
        const int handle = OperationLowering.LookHandle;
        var opened = await LookAsync(CallRole.OpenToLook, subject, new MachineCall.Open(handle, device, OpenMode.Read), device);
        if (opened is not MachineReply.Status { Errno: Errno.None })
            return 0;
        var limits = await LookAsync(CallRole.Limits, subject, new MachineCall.Limits(handle), device);
        await LookAsync(CallRole.CloseAfterLook, subject, new MachineCall.Close(handle), device);
        return limits is MachineReply.Limits answer ? answer.Value.Size : 0;
    }

    /// <summary>The largest read delay of the delay targets that a read may pass ("device offset delay …", dm-delay).</summary>
    private ulong LongestReadDelayMs(DeviceNumber device)
    {
        ulong longest = 0;
        foreach (var line in World.TargetsBelow(device))
        {
            string[] words = line.Parameters.Split(' ', 4);
            if (line.Type == "delay" && words.Length >= 3 && ulong.TryParse(words[2], out ulong delay) && delay > longest)
                longest = delay;
        }
        return longest;
    }
}
