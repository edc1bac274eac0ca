using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

/// <summary>
/// Reads the replies of one machine, step by step, into outcomes. It knows nothing of the other machine; what was not looked at in a
/// step (contents that nothing can have touched) it carries over from the last look.
/// </summary>
internal sealed class OutcomeDecoder
{
    private Dictionary<DeviceNumber, List<Observed>> _seenOfDevices = [];
    private List<Observed> _seenOfLoops = [];
    private readonly List<Observed> _values = [];

    /// <summary>Reads the replies of one step.</summary>
    /// <param name="plan">What the step's calls are for.</param>
    /// <param name="replies">The machine's replies to them.</param>
    /// <param name="history">The whole case so far: a completion is read by what was asked in its step.</param>
    /// <param name="unsent">The operation of the step could not be made a call.</param>
    public StepOutcome Decode(ReadOnlySpan<PlannedCall> plan, ReadOnlySpan<MachineReply> replies, CaseHistory history, bool unsent)
    {
        _values.Clear();
        if (unsent)
            Add(Subject.Operation, Field.Progress, "unsent");
        for (int i = 0; i < plan.Length; i++)
            Decode(plan[i], replies[i], history);
        CarryOver(plan);
        SortNearlySorted(_values);
        return new StepOutcome(_values.ToArray());
    }

    /// <summary>
    /// A step either looks into all devices or into none. After a look it is remembered what was seen of each device; a step without
    /// one repeats that for the devices it lists, and for all loop devices.
    /// </summary>
    private void CarryOver(ReadOnlySpan<PlannedCall> plan)
    {
        bool looked = false;
        foreach (var call in plan)
            looked |= call.Role is CallRole.OpenToLook;
        if (!looked)
        {
            foreach (var value in _seenOfLoops)
                Add(value.Subject, value.Field, value.Value);
        }
        else
            _seenOfLoops = _values.FindAll(v => v.Subject.Kind == SubjectKind.Loop && IsCarried(v.Field));
        var seen = new Dictionary<DeviceNumber, List<Observed>>();
        foreach (var call in plan)
        {
            if (call.Role is not CallRole.Info)
                continue;
            if (looked)
                seen[call.Device] = _values.FindAll(v => v.Subject == call.Subject && IsCarried(v.Field));
            else if (_seenOfDevices.TryGetValue(call.Device, out var before))
            {
                seen[call.Device] = before;
                foreach (var value in before)
                    Add(call.Subject, value.Field, value.Value);
            }
        }
        _seenOfDevices = seen;
    }

    private static bool IsCarried(Field field) =>
        field is Field.Size or Field.Limits or Field.Data or Field.Unreadable or Field.OpenErrno;

    private void Decode(PlannedCall call, MachineReply reply, CaseHistory history)
    {
        switch (call.Role)
        {
            case CallRole.Operation:
                AddOperation(Subject.Operation, history.Operations[call.Step], reply);
                break;
            case CallRole.SetUp:
                AddErrno(call.Subject, Field.Errno, reply);
                break;
            case CallRole.OpenForIo:
                AddErrno(Subject.Operation, Field.OpenErrno, reply);
                break;
            case CallRole.Collect:
                foreach (var completion in ((MachineReply.Collect)reply).Completions)
                    AddCompletion(history.Calls[completion.CallIndex], completion.Reply, history);
                break;
            case CallRole.CloseAfterIo or CallRole.CloseAfterLook:
                break;
            case CallRole.OpenToLook:
                AddErrno(call.Subject, Field.OpenErrno, reply);
                break;
            default:
                Look(call, reply);
                break;
        }
    }

    private void AddCompletion(PlannedCall call, MachineReply reply, CaseHistory history)
    {
        if (call.Role == CallRole.Operation)
            AddOperation(Subject.Completion(call.Step), history.Operations[call.Step], reply);
        else if (reply is MachineReply.Status { Errno: not Errno.None } or MachineReply.Control { Errno: not Errno.None })
            AddErrno(Subject.Completion(call.Step), Field.LookErrno, reply);
    }

    private void AddErrno(Subject subject, Field field, MachineReply reply)
    {
        var errno = reply switch
        {
            MachineReply.Status status => status.Errno,
            MachineReply.Control control => control.Errno,
            _ => Errno.None,
        };
        if (reply is MachineReply.Pending)
            Add(subject, field, "pending");
        else if (errno != Errno.None)
            Add(subject, field, ValueText.Errno(errno));
    }

    private void AddOperation(Subject subject, Operation? operation, MachineReply reply)
    {
        switch (reply)
        {
            case MachineReply.Pending:
                Add(subject, Field.Progress, "pending");
                break;
            case MachineReply.Control control when operation is Operation.RawIoctl:
                AddErrno(subject, Field.Errno, reply);
                Add(subject, Field.Bytes, FieldText.PrintBuffer(control.Buffer));
                break;
            case MachineReply.Control control:
                AddErrno(subject, Field.Errno, reply);
                Add(subject, Field.Bytes, ValueText.Bytes(control.Buffer));
                if (control.Errno == Errno.None)
                    AddReply(subject, operation, control.Buffer);
                break;
            case MachineReply.Read read:
                Transfer(subject, read.Result);
                if (read.Result.Errno == Errno.None)
                    Add(subject, Field.Data, ValueText.Data(read.Data));
                break;
            case MachineReply.Write write:
                Transfer(subject, write.Result);
                break;
            case MachineReply.Attribute attribute when attribute.Errno != Errno.None:
                Add(subject, Field.Errno, ValueText.Errno(attribute.Errno));
                break;
            case MachineReply.Attribute attribute:
                Add(subject, Field.Attribute, ValueText.Attribute(((Operation.Attribute)operation!).Path, attribute.Text));
                break;
            case MachineReply.Status:
                AddErrno(subject, Field.Errno, reply);
                break;
        }
        if (subject.Kind == SubjectKind.Completion && (_values.Count == 0 || _values[^1].Subject != subject))
            Add(subject, Field.Progress, "done");
    }

    private void Transfer(Subject subject, IoResult result)
    {
        if (result.Errno != Errno.None)
            Add(subject, Field.Errno, ValueText.Errno(result.Errno));
        else
            Add(subject, Field.Count, ValueText.Number(result.Count));
    }

    private void AddReply(Subject subject, Operation? operation, byte[] buffer)
    {
        var reply = new DmReply(default, Errno.None, buffer);
        var header = reply.Header;
        if (operation is Operation.Version)
        {
            Add(subject, Field.Version, $"{header.VersionMajor}.{header.VersionMinor}.{header.VersionPatch}");
            return;
        }
        AddHeader(subject, header, withNames: operation is not Operation.TargetVersion);
        Add(subject, Field.DataSize, ValueText.Number(header.DataSize));
        switch (operation)
        {
            case Operation.Table:
                Add(subject, Field.Table, Lines(reply));
                break;
            case Operation.Status or Operation.Wait:
                Add(subject, Field.Status, Lines(reply));
                break;
            case Operation.Deps:
                Add(subject, Field.Deps, Deps(reply));
                break;
            case Operation.ListDevices:
                Add(subject, Field.Listing, Listing(reply));
                break;
            case Operation.ListVersions or Operation.TargetVersion:
                Add(subject, Field.Targets, reply.TryVersions(out var targets, out string why) ? ValueText.Targets(targets) : Broken(why));
                break;
            case Operation.Message when header.Has(DmFlags.DM_DATA_OUT_FLAG):
                Add(subject, Field.Message, reply.TryMessageText(out string? text, out string reason) ? text ?? "" : Broken(reason));
                break;
        }
    }

    /// <summary>A payload that cannot be read is a value too, and different from any that can.</summary>
    private static string Broken(string reason) => $"cannot be read: {reason}";

    private static string Lines(DmReply reply) => reply.TryLines(out var lines, out string why) ? ValueText.Lines(lines) : Broken(why);
    private static string Deps(DmReply reply) => reply.TryDeps(out var deps, out string why) ? ValueText.Deps(deps) : Broken(why);
    private static string Listing(DmReply reply) =>
        reply.TryDevices(out var devices, out string why) ? ValueText.Listing(devices) : Broken(why);

    private void AddHeader(Subject subject, DmHeader header, bool withNames)
    {
        if (header.Device != default)
            Add(subject, Field.Dev, header.Device.ToString());
        if (withNames)
        {
            AddText(subject, Field.Name, header.Name);
            AddText(subject, Field.Uuid, header.Uuid);
        }
        Add(subject, Field.Flags, ValueText.Flags(header.Flags));
        if (header.OpenCount != 0)
            Add(subject, Field.OpenCount, ValueText.Number(header.OpenCount));
        if (header.EventNr != 0)
            Add(subject, Field.EventNr, ValueText.Number(header.EventNr));
        if (header.TargetCount != 0)
            Add(subject, Field.TargetCount, ValueText.Number(header.TargetCount));
    }

    private void Look(PlannedCall call, MachineReply reply)
    {
        switch (reply)
        {
            case MachineReply.Pending:
                Add(call.Subject, FieldOf(call.Role), "pending");
                break;
            case MachineReply.Control control when control.Errno != Errno.None:
                Add(call.Subject, FieldOf(call.Role), ValueText.Errno(control.Errno));
                break;
            case MachineReply.Control control:
                Look(call, control.Buffer);
                break;
            case MachineReply.Log log:
                AddText(Subject.Machine, call.Role == CallRole.Log ? Field.Log : Field.LogOfLooking, ValueText.Log(log.Lines));
                break;
            case MachineReply.Uevents uevents:
                AddText(Subject.Machine, Field.Uevents, ValueText.Uevents(uevents.Events));
                break;
            case MachineReply.PollControl poll when poll.Ready:
                Add(Subject.Machine, Field.Poll, "ready");
                break;
            case MachineReply.Limits limits:
                Add(call.Subject, Field.Size, ValueText.Number(checked((long)limits.Value.Size)));
                Add(call.Subject, Field.Limits, ValueText.Limits(limits.Value));
                break;
            case MachineReply.Status status:
                Add(call.Subject, FieldOf(call.Role), ValueText.Errno(status.Errno));
                break;
            case MachineReply.Digest digest:
                if (digest.OpenErrno != Errno.None)
                    Add(call.Subject, Field.Data, ValueText.Errno(digest.OpenErrno));
                else if (digest.Size != 0)
                    Add(call.Subject, Field.Data, ValueText.Hash(digest.Hash));
                AddText(call.Subject, Field.Unreadable, ValueText.Unreadable(digest.Failed));
                break;
            case MachineReply.Dump dump:
                Add(call.Subject, Field.Metadata, dump.Errno != Errno.None ? ValueText.Errno(dump.Errno) : ValueText.Dump(dump));
                break;
        }
    }

    private void Look(PlannedCall call, byte[] buffer)
    {
        var reply = new DmReply(default, Errno.None, buffer);
        switch (call.Role)
        {
            case CallRole.List:
                AddText(Subject.Machine, Field.Listing, Listing(reply));
                break;
            case CallRole.Info:
                AddHeader(call.Subject, reply.Header, withNames: true);
                break;
            case CallRole.Deps or CallRole.InactiveDeps:
                AddText(call.Subject, FieldOf(call.Role), Deps(reply));
                break;
            default:
                Add(call.Subject, FieldOf(call.Role), Lines(reply));
                break;
        }
    }

    private static Field FieldOf(CallRole role) => role switch
    {
        CallRole.List => Field.Listing,
        CallRole.Table => Field.Table,
        CallRole.Status => Field.Status,
        CallRole.Deps => Field.Deps,
        CallRole.InactiveTable => Field.Inactive,
        CallRole.InactiveStatus => Field.InactiveStatus,
        CallRole.InactiveDeps => Field.InactiveDeps,
        CallRole.Limits => Field.Limits,
        CallRole.Digest => Field.Data,
        CallRole.Dump => Field.Metadata,
        _ => Field.LookErrno,
    };

    private void Add(Subject subject, Field field, string value) => _values.Add(new Observed(subject, field, value));

    private void AddText(Subject subject, Field field, string value)
    {
        if (value.Length > 0)
            Add(subject, field, value);
    }

    /// <summary>Insertion sort into the canonical order, in which values come almost sorted anyway.</summary>
    private static void SortNearlySorted(List<Observed> values)
    {
        for (int i = 1; i < values.Count; i++)
        {
            var value = values[i];
            int at = i;
            for (; at > 0 && Observed.ByPlace(values[at - 1], value) > 0; at--)
                values[at] = values[at - 1];
            values[at] = value;
        }
    }
}
