using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

/// <summary>How much of a machine is looked at after each step.</summary>
public enum LookPolicy
{
    /// <summary>Everything after every step.</summary>
    Always,
    /// <summary>Contents and limits only after steps that can have touched them, and at the end; all the rest always.</summary>
    WhenTouched,
    /// <summary>Contents and limits never, for who wants to know only whether the machine bears the case; all the rest always.</summary>
    Never,
}

/// <summary>
/// Runs a case on the reference machine, one operation at a time, and decides on the way what is observed and when. The calls it
/// has made are the schedule of the case for every other machine.
/// </summary>
public sealed partial class CaseStepper
{
    private readonly IMachine _reference;
    private readonly TimeSpan _epoch;
    private readonly BatchRunner _runner;
    private readonly LookPolicy _policy;
    private readonly OutcomeDecoder _decoder = new();
    private readonly List<MachineReply> _replies = [];
    private readonly List<StepRecord> _steps = [];
    private readonly SortedSet<int> _loops = [];

    /// <summary>Loop devices that were a pool's metadata at some time, and those that others wrote to.</summary>
    private readonly SortedSet<int> _metadata = [];
    private readonly SortedSet<int> _spoiltMetadata = [];

    /// <summary>I/O calls that the reference has not completed, with the handle to close when it has.</summary>
    private readonly Dictionary<int, int> _handleOfPendingCall = [];

    private TimeSpan _slot = TimeSpan.Zero;
    private int _stepStart;

    /// <param name="reference">A fresh machine; it belongs to the caller.</param>
    public CaseStepper(IMachine reference, LookPolicy policy = LookPolicy.Always)
    {
        _reference = reference;
        _policy = policy;
        _epoch = reference.Clock.Now;
        _runner = new BatchRunner(reference);
    }

    /// <summary>The reference machine after the last step.</summary>
    public World World { get; private set; } = World.Empty;

    /// <summary>The steps so far: the set-up, the operations, and after <see cref="FinishAsync"/> the end.</summary>
    public IReadOnlyList<StepRecord> Steps => _steps;

    /// <summary>All calls made so far.</summary>
    public IReadOnlyList<ScheduledCall> Schedule => History.Schedule;

    internal CaseHistory History { get; } = new();

    /// <summary>Whether somebody else than a pool wrote to the loop device.</summary>
    internal bool IsSpoiltMetadata(int loop) => _spoiltMetadata.Contains(loop);

    /// <summary>The reference's reply to each call.</summary>
    internal IReadOnlyList<MachineReply> Replies => _replies;

    /// <summary>Step 0: attaches the loop devices.</summary>
    public async ValueTask<StepRecord> SetUpAsync(IReadOnlyList<LoopSetup> loops)
    {
        if (_steps.Count != 0)
            throw new InvalidOperationException("the set-up is the first step");
        Begin(null);
        foreach (var loop in loops)
        {
            _loops.Add(loop.Index);
            await CallAsync(new PlannedCall(Step, CallRole.SetUp, Subject.Loop(loop.Index), DeviceNumber.Loop(loop.Index)),
                TimeSpan.Zero, SlotSchedule.ControlPatience, OperationLowering.Lower(loop.Attach));
            if (loop.Contents is { } contents)
                await CallAsync(new PlannedCall(Step, CallRole.SetUp, Subject.Loop(loop.Index), DeviceNumber.Loop(loop.Index)),
                    TimeSpan.Zero, SlotSchedule.DigestPatience, new MachineCall.Fill(DeviceNumber.Loop(loop.Index), contents.Blocks()));
        }
        return await EndAsync(null, touched: true, unsent: false);
    }

    public async ValueTask<StepRecord> StepAsync(Operation operation)
    {
        Begin(operation);
        var lowered = OperationLowering.Lower(operation, World, Step);
        if (operation is Operation.LoopAttach attach)
            _loops.Add(attach.Index);
        if (operation is Operation.Advance advance)
            _slot += SlotSchedule.NextSlot(advance.Duration);
        else if (lowered.Call is not null)
            await MakeAsync(operation, lowered);
        bool unsent = lowered.Call is null && operation is not Operation.Advance;
        return await EndAsync(operation, Touches(operation), unsent);
    }

    /// <summary>The last step: nothing is done, everything is looked at once more.</summary>
    public async ValueTask<StepRecord> FinishAsync()
    {
        Begin(null);
        return await EndAsync(null, touched: true, unsent: false, isLast: true);
    }

    private int Step => _steps.Count;

    private void Begin(Operation? operation)
    {
        History.Operations.Add(operation);
        _stepStart = History.Calls.Count;
    }

    private async ValueTask MakeAsync(Operation operation, LoweredOperation lowered)
    {
        var io = World.Devices.Any(device => device.Live is [{ Type: "thin-pool" }]) ? SlotSchedule.IoWithPool(_slot) : SlotSchedule.Io;
        var (at, patience) = lowered.IsIo ? (io, SlotSchedule.IoPatience(io, lowered.Call!)) : (TimeSpan.Zero, SlotSchedule.ControlPatience);
        int handle = OperationLowering.IoHandle(Step);
        if (operation is Operation.RemoveAll)
        {
            // The end of each disk takes grace periods: that of several may take longer than a slot (dm_hash_remove_all, drivers/md/dm-ioctl.c).
            patience += SlotSchedule.Slot;
            _slot += SlotSchedule.Slot;
            at -= SlotSchedule.Slot;
        }
        if (lowered.OpenFirst is { } mode)
        {
            var opened = await CallAsync(new PlannedCall(Step, CallRole.OpenForIo, Subject.Operation), at, patience,
                new MachineCall.Open(handle, lowered.Device!.Value, mode));
            if (opened is not MachineReply.Status { Errno: Errno.None })
                return;
        }
        int index = History.Calls.Count;
        var reply = await CallAsync(new PlannedCall(Step, CallRole.Operation, Subject.Operation), at, patience, lowered.Call!);
        if (reply is MachineReply.Pending)
            World = World with { Pending = [.. World.Pending, new PendingOperation(Step, operation, lowered.Device)] };
        FollowHandles(operation, lowered, reply);
        if (lowered.OpenFirst is null)
            return;
        if (reply is MachineReply.Pending)
            _handleOfPendingCall.Add(index, handle);
        else
            await CloseAsync(handle, at, patience);
    }

    private void FollowHandles(Operation operation, LoweredOperation lowered, MachineReply reply)
    {
        if (reply is not MachineReply.Status { Errno: Errno.None })
            return;
        if (operation is Operation.Open open)
            World = World with { Handles = [.. World.Handles, new HandleState(open.Handle, lowered.Device!.Value, open.Mode)] };
        else if (operation is Operation.Close close)
            World = World with { Handles = ValueList.From(World.Handles.Where(h => h.Handle != close.Handle)) };
    }

    private ValueTask<MachineReply> CloseAsync(int handle, TimeSpan at, TimeSpan patience) => CallAsync(
        new PlannedCall(Step, CallRole.CloseAfterIo, Subject.Operation), at, patience, new MachineCall.Close(handle));

    private async ValueTask<MachineReply> CallAsync(PlannedCall planned, TimeSpan inSlot, TimeSpan patience, MachineCall call)
    {
        var scheduled = new ScheduledCall(SlotSchedule.Start + _slot + inSlot, patience, call);
        History.Calls.Add(planned);
        History.Schedule.Add(scheduled);
        var reply = await _runner.RunAsync(scheduled);
        _replies.Add(reply);
        return reply;
    }

    private async ValueTask<StepRecord> EndAsync(Operation? operation, bool touched, bool unsent, bool isLast = false)
    {
        var before = _steps.Count == 0 ? World.Empty : _steps[^1].Context.After;
        await LookAsync(touched || _policy == LookPolicy.Always);
        _metadata.UnionWith(MetadataPlaces.Of(World));
        _spoiltMetadata.UnionWith(MetadataPlaces.Spoilt(before, World, operation));
        if (isLast)
            await DumpMetadataAsync();
        var outcome = _decoder.Decode(
            CollectionsMarshal.AsSpan(History.Calls)[_stepStart..], CollectionsMarshal.AsSpan(_replies)[_stepStart..], History, unsent);
        World = World with { Regions = RegionTracker.After(before, World, operation, outcome, History.Operations) };
        var record = new StepRecord(
            new StepContext(Step, operation, before, World), outcome, _stepStart, History.Calls.Count - _stepStart, unsent);
        _steps.Add(record);
        var elapsed = _reference.Clock.Now - _epoch - SlotSchedule.Start + SlotSchedule.Margin;
        var next = _slot + SlotSchedule.Slot;
        _slot = elapsed > next ? SlotSchedule.NextSlot(elapsed) : next;
        return record;
    }

    /// <summary>Whether the operation may change contents or limits of a device; when in doubt, yes.</summary>
    private static bool Touches(Operation operation) => operation is not (Operation.Attribute { Text: null } or
        Operation.Version or Operation.Create or Operation.LoadTable or Operation.Clear or Operation.Rename or Operation.SetUuid
        or Operation.Wait or Operation.SetGeometry or Operation.ArmPoll or Operation.Info or Operation.Status or Operation.Table
        or Operation.Deps or Operation.ListDevices or Operation.ListVersions or Operation.TargetVersion);
}

/// <summary>A step as it went on the reference machine.</summary>
/// <param name="FirstCall">Where its calls begin in the schedule of the case.</param>
/// <param name="Unsent">The operation could not be made a call: the device it names has no node.</param>
public sealed record StepRecord(StepContext Context, StepOutcome Outcome, int FirstCall, int CallCount, bool Unsent);
