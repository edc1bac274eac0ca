using DmSim.Abi;

namespace DmSim.Harness.PlantedBugs;

/// <summary>
/// A way for a machine to be wrong. One object per machine, so that it may remember what it has seen; each hook is a place where
/// something goes in or comes out, and leaves it alone where it is not overridden.
/// </summary>
public abstract class Mutation
{
    /// <summary>A request on its way in; may be changed in place. The buffer holds at least a header.</summary>
    public virtual void Request(DmCommand command, Span<byte> request) { }

    /// <summary>The answer on its way out; may be changed in place.</summary>
    /// <param name="request">As user space made it.</param>
    public virtual Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno) => errno;

    /// <summary>How a device is opened.</summary>
    public virtual OpenMode Open(DeviceNumber device, OpenMode mode) => mode;

    public virtual ValueTask<IoResult> ReadAsync(IOpenDevice device, ulong offset, Memory<byte> data) => device.ReadAsync(offset, data);

    public virtual ValueTask<IoResult> WriteAsync(IOpenDevice device, ulong offset, ReadOnlyMemory<byte> data) =>
        device.WriteAsync(offset, data);

    public virtual ValueTask<Errno> DiscardAsync(IOpenDevice device, ulong offset, ulong length) => device.DiscardAsync(offset, length);

    public virtual ValueTask<Errno> ZeroOutAsync(IOpenDevice device, ulong offset, ulong length) => device.ZeroOutAsync(offset, length);

    public virtual DeviceLimits Limits(DeviceNumber device, DeviceLimits limits) => limits;

    public virtual IReadOnlyList<LogLine> Log(IReadOnlyList<LogLine> lines) => lines;

    public virtual IReadOnlyList<Uevent> Uevents(IReadOnlyList<Uevent> events) => events;

    public virtual bool Poll(bool ready) => ready;
}
