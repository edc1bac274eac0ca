using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>A block device opened with O_DIRECT.</summary>
internal sealed unsafe class LocalDevice(DeviceNumber device, int fd, QueueFiles queueFiles, LocalLoops loops, CallWorkers workers) : IOpenDevice
{
    private int _fd = fd;

    public DeviceNumber Device { get; } = device;

    public ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data) => workers.RunAsync(() =>
    {
        using var buffer = IoBuffer.For(data.Length, data, out byte* start);
        var result = Libc.PositionalRead(_fd, start, data.Length, offset);
        if (buffer is not null)
            new ReadOnlySpan<byte>(start, result.Count).CopyTo(data.Span);
        return result;
    });

    public ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data) => workers.RunAsync(() =>
    {
        using var buffer = IoBuffer.For(data.Length, data, out byte* start);
        if (buffer is not null)
            data.Span.CopyTo(new Span<byte>(start, data.Length));
        return Libc.PositionalWrite(_fd, start, data.Length, offset);
    });

    /// <summary>
    /// A loop device reads as the file behind it does, and zeros past that file's end (lo_read_simple, drivers/block/loop.c, 6.1), so
    /// that the holes of the file need no reading.
    /// </summary>
    public ValueTask<(ulong Start, ulong End)> NextDataAsync(ulong offset, ulong end) =>
        Device.Major != DeviceNumber.LoopMajor ? new((offset, end))
        // The question waits for another call on the device (lo_mutex), if there is one.
        : workers.AreIdle ? new(NextData(offset, end))
        : workers.RunAsync(() => NextData(offset, end));

    private (ulong Start, ulong End) NextData(ulong offset, ulong end)
    {
        if (loops.StoreBehind(Device, _fd) is not { } store)
            return (offset, end);
        var errno = Libc.NextData(store, offset, out ulong start, out ulong stop);
        return errno == Errno.ENXIO ? (end, end)
            : errno != Errno.None ? (offset, end)
            : (Math.Min(start, end), Math.Min(stop, end));
    }

    public ValueTask<Errno> DiscardAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKDISCARD, offset, length);
    public ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKSECDISCARD, offset, length);
    public ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKZEROOUT, offset, length);
    public ValueTask<Errno> FlushAsync() => workers.RunAsync(() => Libc.Fsync(_fd));

    private ValueTask<Errno> RangeAsync(uint request, ulong offset, ulong length) => workers.RunAsync(() =>
    {
        ulong* range = stackalloc ulong[] { offset, length };
        return Libc.Ioctl(_fd, request, range);
    });

    public ulong Size => Number64(Libc.BLKGETSIZE64);

    public DeviceLimits Limits()
    {
        var queue = queueFiles.Read(Device);
        return new DeviceLimits(
            Size,
            ReadOnly: Number32(Libc.BLKROGET) != 0,
            LogicalBlockSize: (uint)Number32(Libc.BLKSSZGET),
            PhysicalBlockSize: (uint)Number32(Libc.BLKPBSZGET),
            IoMin: (uint)Number32(Libc.BLKIOMIN),
            IoOpt: (uint)Number32(Libc.BLKIOOPT),
            AlignmentOffset: Number32(Libc.BLKALIGNOFF),
            queue.DiscardMaxBytes,
            queue.DiscardGranularity,
            queue.WriteZeroesMaxBytes,
            queue.ChunkSectors,
            queue.WriteBackCache,
            queue.Fua,
            queue.Rotational);
    }

    /// <summary>A device that is going away answers an error; its limits are then zero, as those of an absent one.</summary>
    private int Number32(uint request)
    {
        int value = 0;
        return Libc.Ioctl(_fd, request, &value) == Errno.None ? value : 0;
    }

    private ulong Number64(uint request)
    {
        ulong value = 0;
        return Libc.Ioctl(_fd, request, &value) == Errno.None ? value : 0;
    }

    public void Dispose()
    {
        int closing = Interlocked.Exchange(ref _fd, -1);
        if (closing >= 0)
            Libc.Close(closing);
    }
}
