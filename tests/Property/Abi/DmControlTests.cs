using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Abi;

/// <summary>The typed client against a machine that answers what the test says.</summary>
public sealed class DmControlTests
{
    private static readonly TableLine Linear = new(new Sectors(0), new Sectors(8), "linear", "7:0 0");

    /// <summary>A machine of which only the control node works.</summary>
    private sealed class ScriptedMachine(Func<uint, byte[], Errno> answer) : IMachine
    {
        public List<byte[]> Requests { get; } = [];

        public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
        {
            byte[] bytes = buffer.ToArray();
            Requests.Add((byte[])bytes.Clone());
            var errno = answer(request, bytes);
            bytes.CopyTo(buffer);
            return new(errno);
        }

        public bool PollControl() => throw new NotSupportedException();
        public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle) => throw new NotSupportedException();
        public ILoopDevices Loops => throw new NotSupportedException();
        public IMachineClock Clock => throw new NotSupportedException();
        public IKernelLog Log => throw new NotSupportedException();
        public IUevents Uevents => throw new NotSupportedException();
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static Errno Answer(byte[] buffer, byte[] payload, uint targets = 0, DmFlags flags = DmFlags.None)
    {
        var header = new DmIoctl(buffer)
        {
            DataStart = DmIoctl.Size,
            TargetCount = targets,
            Flags = flags,
        };
        if (DmIoctl.Size + payload.Length > buffer.Length)
            header.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
        else
        {
            header.DataSize = (uint)(DmIoctl.Size + payload.Length);
            payload.CopyTo(buffer, DmIoctl.Size);
        }
        return Errno.None;
    }

    [Test]
    public async Task A_reply_that_does_not_fit_is_asked_for_again_with_twice_the_room()
    {
        var many = Enumerable.Repeat(Linear, 1000).ToArray();
        var machine = new ScriptedMachine((_, buffer) => Answer(buffer, DmTargetSpec.EncodeStatus(many), 1000));
        var result = await new DmControl(machine).TableAsync("d0");
        Assert.That(result.Value, Is.EqualTo(many));
        Assert.That(machine.Requests.Select(bytes => bytes.Length), Is.EqualTo([16384, 32768, 65536]));
        Assert.That(machine.Requests.Select(bytes => new DmIoctl(bytes).DataSize), Is.EqualTo([16384u, 32768u, 65536u]));
    }

    [Test]
    public async Task Growth_ends_and_the_reply_says_why_it_has_no_value()
    {
        byte[] tooMuch = new byte[DmControl.MaxBufferSize];
        var machine = new ScriptedMachine((_, buffer) => Answer(buffer, tooMuch));
        var result = await new DmControl(machine).ListAsync();
        Assert.That(result.Value, Is.Null);
        Assert.That(result.Problem, Is.EqualTo($"the reply does not fit into {DmControl.MaxBufferSize} bytes"));
    }

    [Test]
    public async Task A_refusal_is_the_errno_and_no_problem_of_ours()
    {
        var machine = new ScriptedMachine((_, _) => Errno.ENXIO);
        var result = await new DmControl(machine).StatusAsync("nothing");
        Assert.That((result.Errno, result.Value, result.Problem), Is.EqualTo((Errno.ENXIO, (IReadOnlyList<TableLine>?)null, (string?)null)));
    }

    [Test]
    public async Task A_message_answers_text_only_when_the_reply_says_so()
    {
        byte[] text = "7 in use\0"u8.ToArray();
        var talks = new ScriptedMachine((_, buffer) => Answer(buffer, text, flags: DmFlags.DM_DATA_OUT_FLAG));
        var silent = new ScriptedMachine((_, buffer) => Answer(buffer, text));
        Assert.That((await new DmControl(talks).MessageAsync("pool", "count")).Value, Is.EqualTo("7 in use"));
        var nothing = await new DmControl(silent).MessageAsync("pool", "count");
        Assert.That((nothing.Value, nothing.Problem), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public async Task Every_method_sends_its_command_and_flags()
    {
        var sent = new List<string>();
        var machine = new ScriptedMachine((request, buffer) =>
        {
            var header = new DmIoctl(buffer);
            sent.Add($"{(DmCommand)(request & 0xff)} {DmText.Get(header.NameField)} {header.EventNr} {header.Flags}");
            return Errno.EPERM;
        });
        var control = new DmControl(machine);
        await control.VersionAsync();
        await control.CreateAsync("a", "u", 5);
        await control.LoadAsync("a", [Linear], readOnly: true);
        await control.ResumeAsync("a", cookie: 7);
        await control.SuspendAsync("a", noFlush: true, noLockfs: true);
        await control.RenameAsync("a", "b", cookie: 8);
        await control.SetUuidAsync("a", "v");
        await control.InfoAsync("a", inactive: true);
        await control.StatusAsync("a", noFlush: true);
        await control.TableAsync("a", inactive: true);
        await control.DepsAsync("a");
        await control.WaitAsync("a", 9);
        await control.MessageAsync("a", "hello", new Sectors(3));
        await control.SetGeometryAsync("a", new DmGeometry(1, 2, 3, 4));
        await control.ClearAsync("a");
        await control.ListAsync();
        await control.TargetVersionsAsync();
        await control.TargetVersionAsync("linear");
        await control.ArmPollAsync();
        await control.RemoveAsync("a", deferred: true, cookie: 10);
        await control.RemoveAllAsync();
        Assert.That(sent, Is.EqualTo(
        [
            "DM_VERSION  0 None",
            "DM_DEV_CREATE a 0 DM_PERSISTENT_DEV_FLAG",
            "DM_TABLE_LOAD a 0 DM_READONLY_FLAG",
            "DM_DEV_SUSPEND a 7 None",
            "DM_DEV_SUSPEND a 0 DM_SUSPEND_FLAG, DM_SKIP_LOCKFS_FLAG, DM_NOFLUSH_FLAG",
            "DM_DEV_RENAME a 8 None",
            "DM_DEV_RENAME a 0 DM_UUID_FLAG",
            "DM_DEV_STATUS a 0 DM_QUERY_INACTIVE_TABLE_FLAG",
            "DM_TABLE_STATUS a 0 DM_NOFLUSH_FLAG",
            "DM_TABLE_STATUS a 0 DM_STATUS_TABLE_FLAG, DM_QUERY_INACTIVE_TABLE_FLAG",
            "DM_TABLE_DEPS a 0 None",
            "DM_DEV_WAIT a 9 None",
            "DM_TARGET_MSG a 0 None",
            "DM_DEV_SET_GEOMETRY a 0 None",
            "DM_TABLE_CLEAR a 0 None",
            "DM_LIST_DEVICES  0 DM_UUID_FLAG",
            "DM_LIST_VERSIONS  0 None",
            "DM_GET_TARGET_VERSION linear 0 None",
            "DM_DEV_ARM_POLL  0 None",
            "DM_DEV_REMOVE a 10 DM_DEFERRED_REMOVE",
            "DM_REMOVE_ALL  0 None",
        ]));
    }

    [Test]
    public void Names_that_are_too_long_fill_their_field_and_nothing_else()
    {
        var buffer = DmRequest.Build(DmCommand.DM_DEV_STATUS, new DmSelector(new string('n', 500), new string('u', 500))).Buffer;
        Assert.That(buffer.Count(b => b == 'n'), Is.EqualTo(DmIoctl.DM_NAME_LEN));
        Assert.That(buffer.Count(b => b == 'u'), Is.EqualTo(DmIoctl.DM_UUID_LEN));
    }

    [Test]
    public void A_geometry_is_read_back_from_its_text()
    {
        Assert.That(DmGeometry.TryParse(new DmGeometry(1, 2, 3, 4).ToString(), out var read), Is.True);
        Assert.That(read, Is.EqualTo(new DmGeometry(1, 2, 3, 4)));
        Assert.That(DmGeometry.TryParse("1 2 3", out _), Is.False);
        Assert.That(DmGeometry.TryParse("1 2 3 -4", out _), Is.False);
    }
}
