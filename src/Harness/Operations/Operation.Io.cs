using DmSim.Abi;

namespace DmSim.Harness.Operations;

public abstract partial record Operation
{
    /// <summary>Opens a device under a number of the sequence's choosing, and so holds its open count.</summary>
    public sealed record Open(int Handle, DeviceRef Device, OpenMode Mode) : Operation;

    public sealed record Close(int Handle) : Operation;

    public sealed record Read(IoTarget Target, Bytes Offset, Bytes Length) : Io(Target);

    /// <summary>Writes the bytes that <see cref="Pattern.Fill"/> makes of the seed.</summary>
    public sealed record Write(IoTarget Target, Bytes Offset, Bytes Length, ulong Seed) : Io(Target);

    public sealed record Discard(IoTarget Target, Bytes Offset, Bytes Length) : Io(Target);
    public sealed record SecureErase(IoTarget Target, Bytes Offset, Bytes Length) : Io(Target);
    public sealed record ZeroOut(IoTarget Target, Bytes Offset, Bytes Length) : Io(Target);
    public sealed record Flush(IoTarget Target) : Io(Target);

    /// <summary>LOOP_CONFIGURE over a sparse file; without a block size (in bytes) the kernel takes 512.</summary>
    public sealed record LoopAttach(int Index, Bytes Size, bool ReadOnly = false, uint? BlockSize = null) : Operation;

    public sealed record LoopDetach(int Index) : Operation;

    public sealed record LoopResize(int Index, Bytes Size) : Operation;

    /// <summary>
    /// read(2) of a file below /sys/dev/block/M:m, such as "stat" or "queue/nomerges"; with a text write(2) of it.
    /// </summary>
    public sealed record Attribute(DeviceRef Device, string Path, string? Text = null) : Operation;

    /// <summary>Lets time pass; rounded up to whole slots of the schedule.</summary>
    public sealed record Advance(TimeSpan Duration) : Operation;
}
