namespace DmSim.Abi;

/// <summary>
/// The binary form of calls and replies: what crosses the link into the guest, and what a compact trace may hold. Decoding takes
/// any bytes and never throws; it answers false where the bytes are no list of calls (or replies), whole and nothing more.
/// </summary>
public static partial class CallCodec
{
    private enum CallTag : byte
    {
        Control = 1,
        ControlGrowing,
        PollControl,
        Open,
        Close,
        Read,
        Write,
        Discard,
        SecureErase,
        ZeroOut,
        Flush,
        Limits,
        Digest,
        LoopAttach,
        LoopDetach,
        LoopResize,
        TakeLog,
        TakeUevents,
        Collect,
        Dump,
        Fill,
        ControlHere,
        TakeFunctions,
        Pause,
        ReadAttribute,
        WriteAttribute,
    }

    public static byte[] EncodeCalls(IReadOnlyList<ScheduledCall> calls)
    {
        var writer = new ByteWriter(64 * calls.Count);
        WriteCalls(writer, calls);
        return writer.ToArray();
    }

    public static bool TryDecodeCalls(ReadOnlySpan<byte> bytes, out ScheduledCall[] calls)
    {
        var reader = new ByteReader(bytes);
        calls = ReadCalls(ref reader);
        if (reader.Complete)
            return true;
        calls = [];
        return false;
    }

    public static void WriteCalls(ByteWriter writer, IReadOnlyList<ScheduledCall> calls)
    {
        writer.Number((ulong)calls.Count);
        for (int i = 0; i < calls.Count; i++)
        {
            writer.Signed(calls[i].At.Ticks);
            writer.Signed(calls[i].Patience.Ticks);
            WriteCall(writer, calls[i].Call);
        }
    }

    public static ScheduledCall[] ReadCalls(ref ByteReader reader)
    {
        var calls = new ScheduledCall[reader.ListCount()];
        for (int i = 0; i < calls.Length && !reader.Failed; i++)
        {
            var at = TimeSpan.FromTicks(reader.Signed());
            var patience = TimeSpan.FromTicks(reader.Signed());
            if (ReadCall(ref reader) is { } call)
                calls[i] = new ScheduledCall(at, patience, call);
        }
        return calls;
    }

    private static void WriteCall(ByteWriter writer, MachineCall call)
    {
        switch (call)
        {
            case MachineCall.Control c:
                Tag(writer, c.Here ? CallTag.ControlHere : c.Grow ? CallTag.ControlGrowing : CallTag.Control);
                writer.Number(c.Request);
                writer.Bytes(c.Buffer);
                break;
            case MachineCall.PollControl: Tag(writer, CallTag.PollControl); break;
            case MachineCall.Open c:
                Tag(writer, CallTag.Open);
                writer.Signed(c.Handle);
                Device(writer, c.Device);
                writer.Signed((int)c.Mode);
                break;
            case MachineCall.Close c: Handle(writer, CallTag.Close, c.Handle); break;
            case MachineCall.Read c:
                Handle(writer, CallTag.Read, c.Handle);
                writer.Number(c.Offset);
                writer.Signed(c.Length);
                break;
            case MachineCall.Write c:
                Handle(writer, CallTag.Write, c.Handle);
                writer.Number(c.Offset);
                writer.Signed(c.Length);
                writer.Number(c.PatternSeed);
                break;
            case MachineCall.Discard c: Range(writer, CallTag.Discard, c.Handle, c.Offset, c.Length); break;
            case MachineCall.SecureErase c: Range(writer, CallTag.SecureErase, c.Handle, c.Offset, c.Length); break;
            case MachineCall.ZeroOut c: Range(writer, CallTag.ZeroOut, c.Handle, c.Offset, c.Length); break;
            case MachineCall.Flush c: Handle(writer, CallTag.Flush, c.Handle); break;
            case MachineCall.Limits c: Handle(writer, CallTag.Limits, c.Handle); break;
            default: WriteMachineWideCall(writer, call); break;
        }
    }

    private static void WriteMachineWideCall(ByteWriter writer, MachineCall call)
    {
        switch (call)
        {
            case MachineCall.Digest c:
                Tag(writer, CallTag.Digest);
                Device(writer, c.Device);
                writer.Signed(c.PieceBytes);
                writer.Number(c.MaxBytes);
                break;
            case MachineCall.Dump c:
                Tag(writer, CallTag.Dump);
                Device(writer, c.Device);
                writer.Number(c.MaxBytes);
                break;
            case MachineCall.Fill c:
                Tag(writer, CallTag.Fill);
                Device(writer, c.Device);
                WriteBlocks(writer, c.Blocks);
                break;
            case MachineCall.LoopAttach c:
                Handle(writer, CallTag.LoopAttach, c.Index);
                writer.Number(c.Size);
                writer.Bool(c.ReadOnly);
                writer.Number(c.BlockSize);
                break;
            case MachineCall.LoopDetach c: Handle(writer, CallTag.LoopDetach, c.Index); break;
            case MachineCall.LoopResize c:
                Handle(writer, CallTag.LoopResize, c.Index);
                writer.Number(c.Size);
                break;
            case MachineCall.Attribute c:
                Tag(writer, c.Text is null ? CallTag.ReadAttribute : CallTag.WriteAttribute);
                Device(writer, c.Device);
                writer.Text(c.Path);
                if (c.Text is not null)
                    writer.Text(c.Text);
                break;
            case MachineCall.TakeLog: Tag(writer, CallTag.TakeLog); break;
            case MachineCall.TakeUevents: Tag(writer, CallTag.TakeUevents); break;
            case MachineCall.Pause c:
                Tag(writer, CallTag.Pause);
                writer.Signed(c.Duration.Ticks);
                break;
            case MachineCall.TakeFunctions: Tag(writer, CallTag.TakeFunctions); break;
            case MachineCall.Collect: Tag(writer, CallTag.Collect); break;
            default: throw new ArgumentOutOfRangeException(nameof(call), call, "a call without a binary form");
        }
    }

    private static MachineCall? ReadCall(ref ByteReader reader)
    {
        var tag = (CallTag)reader.Byte();
        switch (tag)
        {
            case CallTag.Control: return new MachineCall.Control(reader.U32(), reader.Bytes());
            case CallTag.ControlGrowing: return new MachineCall.Control(reader.U32(), reader.Bytes(), Grow: true);
            case CallTag.ControlHere: return new MachineCall.Control(reader.U32(), reader.Bytes(), Here: true);
            case CallTag.PollControl: return new MachineCall.PollControl();
            case CallTag.Open: return new MachineCall.Open(reader.I32(), Device(ref reader), (OpenMode)reader.I32());
            case CallTag.Close: return new MachineCall.Close(reader.I32());
            case CallTag.Read: return new MachineCall.Read(reader.I32(), reader.Number(), reader.I32());
            case CallTag.Write:
                return new MachineCall.Write(reader.I32(), reader.Number(), reader.I32(), reader.Number());
            case CallTag.Discard: return new MachineCall.Discard(reader.I32(), reader.Number(), reader.Number());
            case CallTag.SecureErase: return new MachineCall.SecureErase(reader.I32(), reader.Number(), reader.Number());
            case CallTag.ZeroOut: return new MachineCall.ZeroOut(reader.I32(), reader.Number(), reader.Number());
            case CallTag.Flush: return new MachineCall.Flush(reader.I32());
            case CallTag.Limits: return new MachineCall.Limits(reader.I32());
            case CallTag.Digest: return new MachineCall.Digest(Device(ref reader), reader.I32(), reader.Number());
            case CallTag.Dump: return new MachineCall.Dump(Device(ref reader), reader.Number());
            case CallTag.Fill: return new MachineCall.Fill(Device(ref reader), ReadBlocks(ref reader));
            case CallTag.LoopAttach: return new MachineCall.LoopAttach(reader.I32(), reader.Number(), reader.Bool(), reader.U32());
            case CallTag.LoopDetach: return new MachineCall.LoopDetach(reader.I32());
            case CallTag.LoopResize: return new MachineCall.LoopResize(reader.I32(), reader.Number());
            case CallTag.ReadAttribute: return new MachineCall.Attribute(Device(ref reader), reader.Text(), null);
            case CallTag.WriteAttribute: return new MachineCall.Attribute(Device(ref reader), reader.Text(), reader.Text());
            case CallTag.TakeLog: return new MachineCall.TakeLog();
            case CallTag.TakeUevents: return new MachineCall.TakeUevents();
            case CallTag.Pause: return new MachineCall.Pause(TimeSpan.FromTicks(reader.Signed()));
            case CallTag.TakeFunctions: return new MachineCall.TakeFunctions();
            case CallTag.Collect: return new MachineCall.Collect();
            default:
                reader.Fail();
                return null;
        }
    }

    private static void Tag(ByteWriter writer, CallTag tag) => writer.Byte((byte)tag);

    private static void Handle(ByteWriter writer, CallTag tag, int handle)
    {
        Tag(writer, tag);
        writer.Signed(handle);
    }

    private static void Range(ByteWriter writer, CallTag tag, int handle, ulong offset, ulong length)
    {
        Handle(writer, tag, handle);
        writer.Number(offset);
        writer.Number(length);
    }

    private static void Device(ByteWriter writer, DeviceNumber device)
    {
        writer.Number(device.Major);
        writer.Number(device.Minor);
    }

    private static DeviceNumber Device(ref ByteReader reader) => new(reader.U32(), reader.U32());
}
