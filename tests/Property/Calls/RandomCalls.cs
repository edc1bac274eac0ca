using DmSim.Abi;

namespace DmSim.Property.Calls;

/// <summary>Random calls and replies of every kind, extremes of every field among them.</summary>
internal sealed class RandomCalls(int seed)
{
    private readonly Random _random = new(seed);

    public List<ScheduledCall> Calls(int count) => Many(count, () => new ScheduledCall(Time(), Time(), Call()));

    public List<MachineReply> Replies(int count) => Many(count, () => Reply(nested: false));

    public MachineCall Call() => _random.Next(25) switch
    {
        0 => new MachineCall.Control(U32(), Bytes()),
        1 => new MachineCall.Control(U32(), Bytes(), Grow: true),
        2 => new MachineCall.PollControl(),
        3 => new MachineCall.Open(I32(), new DeviceNumber(U32(), U32()), (OpenMode)I32()),
        4 => new MachineCall.Close(I32()),
        5 => new MachineCall.Read(I32(), U64(), I32()),
        6 => new MachineCall.Write(I32(), U64(), I32(), U64()),
        7 => new MachineCall.Discard(I32(), U64(), U64()),
        8 => new MachineCall.SecureErase(I32(), U64(), U64()),
        9 => new MachineCall.ZeroOut(I32(), U64(), U64()),
        10 => new MachineCall.Flush(I32()),
        11 => new MachineCall.Limits(I32()),
        12 => new MachineCall.Digest(new DeviceNumber(U32(), U32()), I32(), U64()),
        13 => new MachineCall.LoopAttach(I32(), U64(), Bool(), U32()),
        14 => new MachineCall.LoopDetach(I32()),
        15 => new MachineCall.LoopResize(I32(), U64()),
        16 => new MachineCall.TakeLog(),
        17 => new MachineCall.TakeUevents(),
        18 => new MachineCall.Dump(new DeviceNumber(U32(), U32()), U64()),
        19 => new MachineCall.Fill(new DeviceNumber(U32(), U32()), Many(Few(), () => new DumpedBlock(I32(), Bytes()))),
        20 => new MachineCall.Control(U32(), Bytes(), Here: true),
        21 => new MachineCall.Pause(Time()),
        22 => new MachineCall.TakeFunctions(),
        23 => new MachineCall.Attribute(new DeviceNumber(U32(), U32()), Text(), Bool() ? Text() : null),
        _ => new MachineCall.Collect(),
    };

    public MachineReply Reply(bool nested) => _random.Next(nested ? 13 : 14) switch
    {
        0 => MachineReply.Pending.Instance,
        1 => new MachineReply.Control(Error(), Bytes()),
        2 => new MachineReply.PollControl(Bool()),
        3 => new MachineReply.Status(Error()),
        4 => new MachineReply.Read(new IoResult(Error(), I32()), Bytes()),
        5 => new MachineReply.Write(new IoResult(Error(), I32())),
        6 => new MachineReply.Limits(new DeviceLimits(U64(), Bool(), U32(), U32(), U32(), U32(), I32(), U64(), U64(), U64(),
            U64(), Bool(), Bool(), Bool())),
        7 => new MachineReply.Digest(Error(), U64(), U64(), Many(Few(), () => new FailedPieces(I32(), I32(), Error()))),
        8 => new MachineReply.Log(Many(Few(), () => new LogLine(I32(), Text()))),
        9 => new MachineReply.Uevents(Many(Few(), () => new Uevent(Text(), Text(), Many(Few(), Text)))),
        10 => new MachineReply.Dump(Error(), U64(), Many(Few(), () => new DumpedBlock(I32(), Bytes()))),
        11 => new MachineReply.Functions(Many(Few(), Text)),
        12 => new MachineReply.Attribute(Error(), Text()),
        _ => new MachineReply.Collect(Many(Few(), () => new Completion(I32(), Reply(nested: true)))),
    };

    private static List<T> Many<T>(int count, Func<T> make)
    {
        var list = new List<T>(count);
        for (int i = 0; i < count; i++)
            list.Add(make());
        return list;
    }

    private int Few() => _random.Next(4);
    private bool Bool() => _random.Next(2) == 1;
    private Errno Error() => (Errno)I32();
    private TimeSpan Time() => TimeSpan.FromTicks(unchecked((long)U64()));
    private int I32() => unchecked((int)U64());
    private uint U32() => unchecked((uint)U64());

    private ulong U64() => _random.Next(8) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => 1ul << _random.Next(64),
        3 => (1ul << _random.Next(64)) - 1,
        _ => unchecked((ulong)_random.NextInt64()) >> _random.Next(64),
    };

    private string Text() => new([.. Many(_random.Next(12), () =>
        (char)(_random.Next(4) == 0 ? _random.Next(0x10000) : _random.Next(128)))]);

    /// <summary>Runs of zeros and of other bytes, of all the lengths at which the encoding changes its mind.</summary>
    private byte[] Bytes()
    {
        var bytes = new List<byte>();
        for (int run = Few() + Few(); run > 0; run--)
        {
            byte value = (byte)(Bool() ? 0 : _random.Next(256));
            int length = _random.Next(10) == 0 ? _random.Next(5000) : _random.Next(12);
            bytes.AddRange(Enumerable.Repeat(value, length));
        }
        return [.. bytes];
    }
}
