namespace DmSim.Abi;

public static partial class CallCodec
{
    private enum ReplyTag : byte
    {
        Pending = 1,
        Control,
        PollControl,
        Status,
        Read,
        Write,
        Limits,
        Digest,
        Log,
        Uevents,
        Collect,
        Dump,
        Functions,
        Attribute,
    }

    public static byte[] EncodeReplies(IReadOnlyList<MachineReply> replies)
    {
        var writer = new ByteWriter(64 * replies.Count);
        writer.Number((ulong)replies.Count);
        for (int i = 0; i < replies.Count; i++)
            WriteReply(writer, replies[i]);
        return writer.ToArray();
    }

    public static bool TryDecodeReplies(ReadOnlySpan<byte> bytes, out MachineReply[] replies)
    {
        var reader = new ByteReader(bytes);
        replies = ReadReplies(ref reader);
        if (reader.Complete)
            return true;
        replies = [];
        return false;
    }

    public static MachineReply[] ReadReplies(ref ByteReader reader)
    {
        var replies = new MachineReply[reader.ListCount()];
        for (int i = 0; i < replies.Length && !reader.Failed; i++)
        {
            if (ReadReply(ref reader) is { } reply)
                replies[i] = reply;
        }
        return replies;
    }

    public static void WriteReply(ByteWriter writer, MachineReply reply)
    {
        switch (reply)
        {
            case MachineReply.Pending: Tag(writer, ReplyTag.Pending); break;
            case MachineReply.Control r:
                Error(writer, ReplyTag.Control, r.Errno);
                writer.Bytes(r.Buffer);
                break;
            case MachineReply.PollControl r:
                Tag(writer, ReplyTag.PollControl);
                writer.Bool(r.Ready);
                break;
            case MachineReply.Status r: Error(writer, ReplyTag.Status, r.Errno); break;
            case MachineReply.Read r:
                Error(writer, ReplyTag.Read, r.Result.Errno);
                writer.Signed(r.Result.Count);
                writer.Bytes(r.Data);
                break;
            case MachineReply.Write r:
                Error(writer, ReplyTag.Write, r.Result.Errno);
                writer.Signed(r.Result.Count);
                break;
            case MachineReply.Limits r:
                Tag(writer, ReplyTag.Limits);
                WriteLimits(writer, r.Value);
                break;
            case MachineReply.Digest r: WriteDigest(writer, r); break;
            case MachineReply.Dump r: WriteDump(writer, r); break;
            case MachineReply.Attribute r:
                Error(writer, ReplyTag.Attribute, r.Errno);
                writer.Text(r.Text);
                break;
            case MachineReply.Log r: WriteLog(writer, r); break;
            case MachineReply.Uevents r: WriteUevents(writer, r); break;
            case MachineReply.Functions r:
                Tag(writer, ReplyTag.Functions);
                writer.Number((ulong)r.Names.Count);
                foreach (string name in r.Names)
                    writer.Text(name);
                break;
            case MachineReply.Collect r:
                Tag(writer, ReplyTag.Collect);
                writer.Number((ulong)r.Completions.Count);
                foreach (var completion in r.Completions)
                {
                    writer.Signed(completion.CallIndex);
                    WriteReply(writer, completion.Reply);
                }
                break;
            default: throw new ArgumentOutOfRangeException(nameof(reply), reply, "a reply without a binary form");
        }
    }

    /// <summary>One reply, or null with <see cref="ByteReader.Failed"/> set.</summary>
    public static MachineReply? ReadReply(ref ByteReader reader) => ReadReply(ref reader, nested: false);

    private static MachineReply? ReadReply(ref ByteReader reader, bool nested)
    {
        var tag = (ReplyTag)reader.Byte();
        switch (tag)
        {
            case ReplyTag.Pending: return MachineReply.Pending.Instance;
            case ReplyTag.Control: return new MachineReply.Control(Error(ref reader), reader.Bytes());
            case ReplyTag.PollControl: return new MachineReply.PollControl(reader.Bool());
            case ReplyTag.Status: return new MachineReply.Status(Error(ref reader));
            case ReplyTag.Read: return new MachineReply.Read(Result(ref reader), reader.Bytes());
            case ReplyTag.Write: return new MachineReply.Write(Result(ref reader));
            case ReplyTag.Limits: return new MachineReply.Limits(ReadLimits(ref reader));
            case ReplyTag.Digest: return ReadDigest(ref reader);
            case ReplyTag.Dump: return ReadDump(ref reader);
            case ReplyTag.Attribute: return new MachineReply.Attribute(Error(ref reader), reader.Text());
            case ReplyTag.Log: return ReadLog(ref reader);
            case ReplyTag.Uevents: return ReadUevents(ref reader);
            case ReplyTag.Functions: return ReadFunctions(ref reader);
            // A collection never completes later itself; nesting would let bytes choose the depth of our stack.
            case ReplyTag.Collect when !nested: return ReadCollect(ref reader);
            default:
                reader.Fail();
                return null;
        }
    }

    private static MachineReply.Collect ReadCollect(ref ByteReader reader)
    {
        var completions = new Completion[reader.ListCount()];
        for (int i = 0; i < completions.Length && !reader.Failed; i++)
        {
            int index = reader.I32();
            if (ReadReply(ref reader, nested: true) is { } reply)
                completions[i] = new Completion(index, reply);
        }
        return new MachineReply.Collect(completions);
    }

    private static void WriteDigest(ByteWriter writer, MachineReply.Digest digest)
    {
        Error(writer, ReplyTag.Digest, digest.OpenErrno);
        writer.Number(digest.Size);
        writer.Number(digest.Hash);
        writer.Number((ulong)digest.Failed.Count);
        foreach (var failed in digest.Failed)
        {
            writer.Signed(failed.First);
            writer.Signed(failed.Count);
            writer.Signed((int)failed.Errno);
        }
    }

    private static MachineReply.Digest ReadDigest(ref ByteReader reader)
    {
        var errno = Error(ref reader);
        ulong size = reader.Number();
        ulong hash = reader.Number();
        var failed = new FailedPieces[reader.ListCount()];
        for (int i = 0; i < failed.Length && !reader.Failed; i++)
            failed[i] = new FailedPieces(reader.I32(), reader.I32(), Error(ref reader));
        return new MachineReply.Digest(errno, size, hash, failed);
    }

    private static void WriteDump(ByteWriter writer, MachineReply.Dump dump)
    {
        Error(writer, ReplyTag.Dump, dump.Errno);
        writer.Number(dump.Size);
        WriteBlocks(writer, dump.Blocks);
    }

    private static void WriteBlocks(ByteWriter writer, IReadOnlyList<DumpedBlock> blocks)
    {
        writer.Number((ulong)blocks.Count);
        foreach (var block in blocks)
        {
            writer.Signed(block.Index);
            writer.Bytes(block.Data);
        }
    }

    private static MachineReply.Dump ReadDump(ref ByteReader reader)
    {
        var errno = Error(ref reader);
        ulong size = reader.Number();
        return new MachineReply.Dump(errno, size, ReadBlocks(ref reader));
    }

    private static DumpedBlock[] ReadBlocks(ref ByteReader reader)
    {
        var blocks = new DumpedBlock[reader.ListCount()];
        for (int i = 0; i < blocks.Length && !reader.Failed; i++)
            blocks[i] = new DumpedBlock(reader.I32(), reader.Bytes());
        return blocks;
    }

    private static void WriteLog(ByteWriter writer, MachineReply.Log log)
    {
        Tag(writer, ReplyTag.Log);
        writer.Number((ulong)log.Lines.Count);
        foreach (var line in log.Lines)
        {
            writer.Signed(line.Level);
            writer.Text(line.Text);
        }
    }

    private static MachineReply.Log ReadLog(ref ByteReader reader)
    {
        var lines = new LogLine[reader.ListCount()];
        for (int i = 0; i < lines.Length && !reader.Failed; i++)
            lines[i] = new LogLine(reader.I32(), reader.Text());
        return new MachineReply.Log(lines);
    }

    private static void WriteUevents(ByteWriter writer, MachineReply.Uevents uevents)
    {
        Tag(writer, ReplyTag.Uevents);
        writer.Number((ulong)uevents.Events.Count);
        foreach (var uevent in uevents.Events)
        {
            writer.Text(uevent.Action);
            writer.Text(uevent.Device);
            writer.Number((ulong)uevent.Variables.Count);
            foreach (string variable in uevent.Variables)
                writer.Text(variable);
        }
    }

    private static MachineReply.Uevents ReadUevents(ref ByteReader reader)
    {
        var events = new Uevent[reader.ListCount()];
        for (int i = 0; i < events.Length && !reader.Failed; i++)
        {
            string action = reader.Text();
            string device = reader.Text();
            var variables = new string[reader.ListCount()];
            for (int v = 0; v < variables.Length && !reader.Failed; v++)
                variables[v] = reader.Text();
            events[i] = new Uevent(action, device, variables);
        }
        return new MachineReply.Uevents(events);
    }

    private static MachineReply.Functions ReadFunctions(ref ByteReader reader)
    {
        var names = new string[reader.ListCount()];
        for (int i = 0; i < names.Length && !reader.Failed; i++)
            names[i] = reader.Text();
        return new MachineReply.Functions(names);
    }

    private static void WriteLimits(ByteWriter writer, DeviceLimits limits)
    {
        writer.Number(limits.Size);
        writer.Bool(limits.ReadOnly);
        writer.Number(limits.LogicalBlockSize);
        writer.Number(limits.PhysicalBlockSize);
        writer.Number(limits.IoMin);
        writer.Number(limits.IoOpt);
        writer.Signed(limits.AlignmentOffset);
        writer.Number(limits.DiscardMaxBytes);
        writer.Number(limits.DiscardGranularity);
        writer.Number(limits.WriteZeroesMaxBytes);
        writer.Number(limits.ChunkSectors);
        writer.Bool(limits.WriteBackCache);
        writer.Bool(limits.Fua);
        writer.Bool(limits.Rotational);
    }

    private static DeviceLimits ReadLimits(ref ByteReader reader) => new(
        Size: reader.Number(),
        ReadOnly: reader.Bool(),
        LogicalBlockSize: reader.U32(),
        PhysicalBlockSize: reader.U32(),
        IoMin: reader.U32(),
        IoOpt: reader.U32(),
        AlignmentOffset: reader.I32(),
        DiscardMaxBytes: reader.Number(),
        DiscardGranularity: reader.Number(),
        WriteZeroesMaxBytes: reader.Number(),
        ChunkSectors: reader.Number(),
        WriteBackCache: reader.Bool(),
        Fua: reader.Bool(),
        Rotational: reader.Bool());

    private static void Tag(ByteWriter writer, ReplyTag tag) => writer.Byte((byte)tag);

    private static void Error(ByteWriter writer, ReplyTag tag, Errno errno)
    {
        Tag(writer, tag);
        writer.Signed((int)errno);
    }

    private static Errno Error(ref ByteReader reader) => (Errno)reader.I32();

    private static IoResult Result(ref ByteReader reader) => new(Error(ref reader), reader.I32());
}
