using DmSim.Abi;
using DmSim.Model.PageCache;

namespace DmSim.Model.Blocks;

/// <summary>
/// A block device of the machine behind a loop device, which reads and writes it as a file: through its page cache (drivers/block/loop.c,
/// lo_read_simple, lo_write_simple, 6.1). The loop device's worker waits for each; what a device below holds back until it is
/// resumed, or delays, is done at once here.
/// </summary>
internal sealed class DeviceStore : BackingStore
{
    private readonly BlockDevice _device;
    private readonly OpenMode _mode;
    private readonly ReadAhead _readAhead;
    private ulong _generation;
    private uint _errorsSeen;

    private DeviceStore(BlockDevice device, OpenMode mode, IBackingFile file)
    {
        _device = device;
        _mode = mode;
        _errorsSeen = device.MakeCache().Errors.Sample();
        _readAhead = new ReadAhead(device.MakeCache(), device.ReadAheadPages);
        Path = file.Path;
        Identity = (file.Device, file.Inode);
    }

    /// <summary>The file that the loop device holds counts as one more opener.</summary>
    public static Errno Open(BlockDevice device, IBackingFile file, out DeviceStore? store)
    {
        var mode = file.IsWritable ? OpenMode.ReadWrite : OpenMode.Read;
        var errno = device.Get(mode, null);
        store = errno == Errno.None ? new DeviceStore(device, mode, file) : null;
        return errno;
    }

    public BlockDevice Device => _device;
    public override DeviceNumber? Node => _device.Number;
    public override ulong Length => _device.Capacity.ToBytes().Value;
    public override ulong Generation => ++_generation;
    public override ulong AllocatedBytes => 0;
    public override string Path { get; }
    public override (ulong Device, ulong Inode) Identity { get; }

    private Errno Now(Func<ValueTask<Errno>> work) => _device.Kernel.Blocks.CompleteNow(work);

    public override IoResult Read(ulong offset, Span<byte> data)
    {
        byte[] bytes = new byte[data.Length];
        int inside = Inside(offset, data.Length);
        var errno = inside == 0 ? Errno.None : Now(async () => (await BufferedReads.ReadAsync(_device.MakeCache(), _readAhead, offset, bytes.AsMemory(0, inside))).Errno);
        bytes.CopyTo(data);
        return new IoResult(errno, errno == Errno.None ? inside : 0);
    }

    public override Errno Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (_device.ReadOnly)
            return Errno.EPERM;
        if (offset >= Length)
            return Errno.ENOSPC;
        byte[] bytes = data[..(int)Math.Min((ulong)data.Length, Length - offset)].ToArray();
        var errno = Now(async () => (await BufferedWrites.WriteAsync(_device.MakeCache(), offset, bytes)).Errno);
        return errno == Errno.None && bytes.Length < data.Length ? Errno.ENOSPC : errno;
    }

    /// <summary>blkdev_fallocate: what is in memory of the range goes, and it is zeroed below without being written.</summary>
    public override Errno PunchHole(ulong offset, ulong length) => Now(async () =>
    {
        if (_device.Cache is { PageCount: > 0 } cache)
            await cache.TruncateAsync(offset, length);
        return await BlockRequests.ZeroOut(_device, offset >> Sectors.Shift, length >> Sectors.Shift, BioFlags.None, writesZeros: false);
    });

    /// <summary>vfs_fsync.</summary>
    public override Errno Flush() => Now(async () =>
    {
        (var errno, _errorsSeen) = await _device.MakeCache().Writeback.WriteAndWaitForFileAsync(_errorsSeen);
        return errno != Errno.None ? errno : (await BlockRequests.Flush(_device)) is BlkStatus.Ok or BlkStatus.NotSupp ? Errno.None : Errno.EIO;
    });

    public override void SetLength(ulong length) => throw new InvalidOperationException($"{_device.Name} is not to be resized by a loop device");

    public override void Close() => _device.Put(_mode, null);
}
