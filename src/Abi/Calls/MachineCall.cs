namespace DmSim.Abi;

/// <summary>
/// One call on an <see cref="IMachine"/> as plain data: what a batch is made of, what crosses the link into the guest, what a
/// trace stores. Offsets and lengths in bytes.
/// </summary>
public abstract record MachineCall
{
    private MachineCall() { }

    /// <summary>
    /// ioctl on the control node. With <paramref name="Grow"/>, the buffer is doubled and the call repeated while the reply says
    /// DM_BUFFER_FULL (what libdevmapper does); without, the reply is whatever the first call gave.
    /// </summary>
    /// <param name="Here">
    /// On the batch's own thread even where the command may sleep: for very many short commands in a row. One that does sleep holds up the
    /// whole batch. Its buffer does not grow.
    /// </param>
    public sealed record Control(uint Request, byte[] Buffer, bool Grow = false, bool Here = false) : MachineCall;

    public sealed record PollControl : MachineCall;

    /// <summary>Opens a device under a handle number that the caller chooses; EBADF if the number is in use.</summary>
    public sealed record Open(int Handle, DeviceNumber Device, OpenMode Mode) : MachineCall;

    public sealed record Close(int Handle) : MachineCall;
    public sealed record Read(int Handle, ulong Offset, int Length) : MachineCall;

    /// <summary>Writes <paramref name="Length"/> bytes of the pattern that <see cref="Pattern.Fill"/> makes of the seed.</summary>
    public sealed record Write(int Handle, ulong Offset, int Length, ulong PatternSeed) : MachineCall;

    public sealed record Discard(int Handle, ulong Offset, ulong Length) : MachineCall;
    public sealed record SecureErase(int Handle, ulong Offset, ulong Length) : MachineCall;
    public sealed record ZeroOut(int Handle, ulong Offset, ulong Length) : MachineCall;
    public sealed record Flush(int Handle) : MachineCall;
    public sealed record Limits(int Handle) : MachineCall;

    /// <summary>
    /// Opens the device read-only, reads it whole in pieces of <paramref name="PieceBytes"/> (the first <paramref name="MaxBytes"/>
    /// at most), closes it, and answers a digest and the errno of each piece that failed.
    /// </summary>
    public sealed record Digest(DeviceNumber Device, int PieceBytes, ulong MaxBytes) : MachineCall;

    /// <summary>
    /// Opens the device read-only, reads it (the first <paramref name="MaxBytes"/> at most), closes it, and answers those of its blocks of
    /// <see cref="DumpedBlock.Bytes"/> that are not all zeros. Ends at the first failure.
    /// </summary>
    public sealed record Dump(DeviceNumber Device, ulong MaxBytes) : MachineCall;

    /// <summary>Opens the device for writing, writes blocks where a <see cref="Dump"/> of another machine found them, and closes it.</summary>
    public sealed record Fill(DeviceNumber Device, IReadOnlyList<DumpedBlock> Blocks) : MachineCall;

    public sealed record LoopAttach(int Index, ulong Size, bool ReadOnly, uint BlockSize = 0) : MachineCall;
    public sealed record LoopDetach(int Index) : MachineCall;
    public sealed record LoopResize(int Index, ulong Size) : MachineCall;

    /// <summary>Reads a file below /sys/dev/block/M:m, or writes the text to it.</summary>
    public sealed record Attribute(DeviceNumber Device, string Path, string? Text) : MachineCall;

    public sealed record TakeLog : MachineCall;
    public sealed record TakeUevents : MachineCall;

    /// <summary>Lets so much of the machine's time pass: for batches that keep no schedule.</summary>
    public sealed record Pause(TimeSpan Duration) : MachineCall;

    /// <summary>The functions of the machine that ran for the first time since it was asked before (see <see cref="IMachine.TakeNewFunctions"/>).</summary>
    public sealed record TakeFunctions : MachineCall;

    /// <summary>Answers every earlier call of the batch that was pending and has completed since.</summary>
    public sealed record Collect : MachineCall;
}

/// <summary>The answer to a <see cref="MachineCall"/> of the same name.</summary>
public abstract record MachineReply
{
    private MachineReply() { }

    /// <summary>The call had not completed when its time was up. A later Collect brings its reply.</summary>
    public sealed record Pending : MachineReply
    {
        public static readonly Pending Instance = new();
    }

    public sealed record Control(Errno Errno, byte[] Buffer) : MachineReply;
    public sealed record PollControl(bool Ready) : MachineReply;

    /// <summary>For Open, Close, Discard, SecureErase, ZeroOut, Flush, Pause and the loop calls.</summary>
    public sealed record Status(Errno Errno) : MachineReply;

    public sealed record Read(IoResult Result, byte[] Data) : MachineReply;
    public sealed record Write(IoResult Result) : MachineReply;
    public sealed record Limits(DeviceLimits Value) : MachineReply;

    /// <param name="OpenErrno">Why the device could not be opened; then the rest is empty.</param>
    /// <param name="Hash">Digest over the pieces that could be read, in order, each seeded with its index.</param>
    /// <param name="Failed">Pieces that failed, by index, ascending; a run of pieces with one errno is one entry.</param>
    public sealed record Digest(Errno OpenErrno, ulong Size, ulong Hash, IReadOnlyList<FailedPieces> Failed) : MachineReply;

    /// <param name="Errno">Why the device could not be opened, or read to its end.</param>
    /// <param name="Blocks">What is not zero, in order.</param>
    public sealed record Dump(Errno Errno, ulong Size, IReadOnlyList<DumpedBlock> Blocks) : MachineReply;

    /// <summary>For an Attribute that was read; one that was written answers a Status.</summary>
    public sealed record Attribute(Errno Errno, string Text) : MachineReply;

    public sealed record Log(IReadOnlyList<LogLine> Lines) : MachineReply;
    public sealed record Uevents(IReadOnlyList<Uevent> Events) : MachineReply;
    public sealed record Functions(IReadOnlyList<string> Names) : MachineReply;
    public sealed record Collect(IReadOnlyList<Completion> Completions) : MachineReply;
}

/// <param name="Index">Its place on the device, in blocks.</param>
public sealed record DumpedBlock(int Index, byte[] Data)
{
    public const int Bytes = 4096;
}

public readonly record struct FailedPieces(int First, int Count, Errno Errno);

/// <param name="CallIndex">Index in the batch of the call that has completed.</param>
public sealed record Completion(int CallIndex, MachineReply Reply);

/// <summary>
/// A call and when to make it. Time is the machine's clock (Reset at the start of a batch is zero): with virtual time the wait
/// costs nothing, and both machines do the same thing at the same instant.
/// </summary>
/// <param name="At">Not before this instant; or <see cref="Now"/>.</param>
/// <param name="Patience">How long the call may take before it counts as pending, from At on.</param>
public readonly record struct ScheduledCall(TimeSpan At, TimeSpan Patience, MachineCall Call)
{
    /// <summary>As soon as the call before has ended or is pending. Where a machine takes time for its calls, such a batch keeps no schedule.</summary>
    public static readonly TimeSpan Now = TimeSpan.FromTicks(-1);
}

/// <summary>Reproducible contents for writes: a seed names the bytes.</summary>
public static class Pattern
{
    /// <summary>Fills with bytes that depend on the seed and their place only; seed 0 gives zeros.</summary>
    public static void Fill(Span<byte> data, ulong seed)
    {
        if (seed == 0)
        {
            data.Clear();
            return;
        }
        unchecked
        {
            ulong state = seed * 0x9E3779B97F4A7C15;
            int i = 0;
            for (; i + 8 <= data.Length; i += 8)
            {
                state += 0x9E3779B97F4A7C15;
                ulong z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(data[i..], z ^ (z >> 27));
            }
            for (; i < data.Length; i++)
                data[i] = (byte)(state >> (i & 7));
        }
    }
}
