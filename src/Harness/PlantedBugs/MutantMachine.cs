using DmSim.Abi;

namespace DmSim.Harness.PlantedBugs;

/// <summary>A machine with a mutation between it and the world.</summary>
public sealed class MutantMachine(IMachine inner, Mutation mutation) : IMachine, IKernelLog, IUevents
{
    public ILoopDevices Loops => inner.Loops;
    public IMachineClock Clock => inner.Clock;
    public IKernelLog Log => this;
    public IUevents Uevents => this;

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        var command = (DmCommand)(request & 0xff);
        // What is no request of the control node, or has no whole header, is refused before any command sees it.
        if (buffer.Length < DmIoctl.Size || request != command.Request())
            return inner.ControlAsync(request, buffer);
        byte[] asMade = buffer.ToArray();
        mutation.Request(command, buffer.Span);
        var work = inner.ControlAsync(request, buffer);
        return work.IsCompletedSuccessfully
            ? new ValueTask<Errno>(Reply(command, asMade, buffer.Span, work.Result))
            : ReplyLaterAsync(command, asMade, buffer, work);
    }

    private async ValueTask<Errno> ReplyLaterAsync(DmCommand command, byte[] asMade, Memory<byte> buffer, ValueTask<Errno> work)
    {
        var errno = await work;
        return Reply(command, asMade, buffer.Span, errno);
    }

    /// <summary>A refused request is left as it was made but for the version: what the mutation wrote into it must not show.</summary>
    private Errno Reply(DmCommand command, byte[] asMade, Span<byte> buffer, Errno errno)
    {
        if (errno != Errno.None)
            asMade.AsSpan(DmIoctl.DataSizeOffset, DmIoctl.Size - DmIoctl.DataSizeOffset).CopyTo(buffer[DmIoctl.DataSizeOffset..]);
        return mutation.Reply(command, asMade, buffer, errno);
    }

    public IDisposable? StayAwake() => inner.StayAwake();

    public bool PollControl() => mutation.Poll(inner.PollControl());

    public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle)
    {
        var errno = inner.Open(device, mutation.Open(device, mode), out var opened);
        handle = opened is null ? null : new Handle(opened, mutation);
        return errno;
    }

    public Errno ReadAttribute(DeviceNumber device, string path, out string text) => inner.ReadAttribute(device, path, out text);

    public ValueTask<Errno> WriteAttributeAsync(DeviceNumber device, string path, string text) => inner.WriteAttributeAsync(device, path, text);

    IReadOnlyList<LogLine> IKernelLog.TakeNew() => mutation.Log(inner.Log.TakeNew());

    IReadOnlyList<Uevent> IUevents.TakeNew() => mutation.Uevents(inner.Uevents.TakeNew());

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Handle(IOpenDevice opened, Mutation mutation) : IOpenDevice
    {
        public DeviceNumber Device => opened.Device;
        public ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data) => mutation.ReadAsync(opened, offset, data);
        public ValueTask<(ulong Start, ulong End)> NextDataAsync(ulong offset, ulong end) => opened.NextDataAsync(offset, end);
        public ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data) => mutation.WriteAsync(opened, offset, data);
        public ValueTask<Errno> DiscardAsync(ulong offset, ulong length) => mutation.DiscardAsync(opened, offset, length);
        public ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length) => opened.SecureEraseAsync(offset, length);
        public ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length) => mutation.ZeroOutAsync(opened, offset, length);
        public ValueTask<Errno> FlushAsync() => opened.FlushAsync();
        public DeviceLimits Limits() => mutation.Limits(opened.Device, opened.Limits());
        public void Dispose() => opened.Dispose();
    }
}
