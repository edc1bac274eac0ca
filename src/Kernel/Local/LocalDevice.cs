using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>A block device opened with O_DIRECT.</summary>
internal sealed unsafe class LocalDevice(DeviceNumber device, int fd, QueueFiles queueFiles, CallWorkers workers) : IOpenDevice
{
    /// <summary>Direct I/O wants memory aligned to the logical block size, at most a page (block/fops.c, blkdev_direct_IO, 6.1).</summary>
    private const nuint Alignment = 4096;

    private int _fd = fd;

    public DeviceNumber Device { get; } = device;

    public ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data) => workers.RunAsync(() =>
    {
        byte* aligned = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(data.Length, 1), Alignment);
        try
        {
            var result = Libc.PositionalRead(_fd, aligned, data.Length, offset);
            new ReadOnlySpan<byte>(aligned, result.Count).CopyTo(data.Span);
            return result;
        }
        finally
        {
            NativeMemory.AlignedFree(aligned);
        }
    });

    public ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data) => workers.RunAsync(() =>
    {
        byte* aligned = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(data.Length, 1), Alignment);
        try
        {
            data.Span.CopyTo(new Span<byte>(aligned, data.Length));
            return Libc.PositionalWrite(_fd, aligned, data.Length, offset);
        }
        finally
        {
            NativeMemory.AlignedFree(aligned);
        }
    });

    public ValueTask<Errno> DiscardAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKDISCARD, offset, length);
    public ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKSECDISCARD, offset, length);
    public ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length) => RangeAsync(Libc.BLKZEROOUT, offset, length);
    public ValueTask<Errno> FlushAsync() => workers.RunAsync(() => Libc.Fsync(_fd));

    private ValueTask<Errno> RangeAsync(uint request, ulong offset, ulong length) => workers.RunAsync(() =>
    {
        ulong* range = stackalloc ulong[] { offset, length };
        return Libc.Ioctl(_fd, request, range);
    });

    public DeviceLimits Limits()
    {
        var queue = queueFiles.Read(Device);
        return new DeviceLimits(
            Size: Number64(Libc.BLKGETSIZE64),
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
