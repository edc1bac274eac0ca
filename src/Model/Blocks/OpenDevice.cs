using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// A device node that user space has open: direct I/O here, OpenDevice.Cached.cs has that through memory (block/fops.c, block/ioctl.c, 6.1).
/// </summary>
internal sealed partial class OpenDevice : IDeviceNode
{
    private readonly BlockDevice _device;
    private readonly OpenMode _mode;
    private int _calls;
    private bool _closed;

    private OpenDevice(BlockDevice device, OpenMode mode)
    {
        _device = device;
        _mode = mode;
        _readAheadPages = device.ReadAheadPages;
        _errorsSeen = device.Cache?.Errors.Sample() ?? 0;
    }

    /// <summary>blkdev_open.</summary>
    public static Errno Open(SimulatedKernel kernel, DeviceNumber number, OpenMode mode, out IOpenDevice? handle)
    {
        handle = null;
        var device = kernel.Devices.FindOrProbe(number);
        if (device is null)
            return Errno.ENXIO;
        var opened = new OpenDevice(device, mode);
        var errno = device.Get(mode, opened.Holder);
        if (errno == Errno.None)
            handle = opened;
        return errno;
    }

    /// <summary>With O_EXCL the open file is who claims the device.</summary>
    private object? Holder => (_mode & OpenMode.Exclusive) != 0 ? this : null;

    public DeviceNumber Device => _device.Number;

    /// <summary>close(2). A call that still runs keeps the file, and with it the device, open until it returns.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        if (_calls > 0)
            return;
        Release();
        if (_device.SleepsAfterClose)
            _device.Kernel.SleepGracePeriod();
    }

    /// <summary>blkdev_read_iter.</summary>
    public ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data)
    {
        if (!MayRead(offset, ref data, out var answer))
            return new ValueTask<IoResult>(answer);
        if (!IsAligned(offset, (ulong)data.Length))
            return Failed(Errno.EINVAL);
        if (_device.Cache is { PageCount: > 0 } cache)
            return ReadBesideCacheAsync(cache, offset, data);
        var work = BlockRequests.ReadWrite(_device, BioOp.Read, BioFlags.None, offset >> Sectors.Shift, data);
        return ToResult(work, data.Length);
    }

    /// <summary>As what a file's SEEK_DATA says on a kernel: only a loop device knows, and only while nothing of it is in memory.</summary>
    public ValueTask<(ulong Start, ulong End)> NextDataAsync(ulong offset, ulong end) =>
        new(_device is LoopDevice { Cache: null or { PageCount: 0 } } loop ? loop.NextData(offset, end) : (offset, end));

    /// <summary>blkdev_write_iter. Bytes past the end are cut off, so that a write can be short.</summary>
    public ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data)
    {
        if (!MayWrite(offset, ref data, out var answer))
            return new ValueTask<IoResult>(answer);
        if (!IsAligned(offset, (ulong)data.Length))
            return Failed(Errno.EINVAL);
        return _device.Cache is { PageCount: > 0 } cache ? WriteBesideCacheAsync(cache, offset, data) : ToResult(StartDirectWrite(offset, data), data.Length);
    }

    /// <summary>Whether there is anything to read: then <paramref name="data"/> ends where the device does. Otherwise the answer.</summary>
    private bool MayRead(ulong offset, ref Memory<byte> data, out IoResult answer)
    {
        ulong size = Size;
        answer = (_mode & OpenMode.Read) == 0 ? IoResult.Failed(Errno.EBADF)
            : offset > long.MaxValue - (ulong)data.Length ? IoResult.Failed(Errno.EINVAL)
            : IoResult.Ok(0);
        if (answer.Errno != Errno.None || offset >= size || data.IsEmpty)
            return false;
        data = data[..(int)Math.Min((ulong)data.Length, size - offset)];
        return true;
    }

    /// <summary>Whether there is anything to write: then <paramref name="data"/> ends where the device does. Otherwise the answer.</summary>
    private bool MayWrite(ulong offset, ref ReadOnlyMemory<byte> data, out IoResult answer)
    {
        ulong size = Size;
        answer = (_mode & OpenMode.Write) == 0 ? IoResult.Failed(Errno.EBADF)
            : offset > long.MaxValue - (ulong)data.Length ? IoResult.Failed(Errno.EINVAL)
            : _device.ReadOnly ? IoResult.Failed(Errno.EPERM)
            : !data.IsEmpty && offset >= size ? IoResult.Failed(Errno.ENOSPC)
            : IoResult.Ok(0);
        if (answer.Errno != Errno.None || data.IsEmpty)
            return false;
        data = data[..(int)Math.Min((ulong)data.Length, size - offset)];
        return true;
    }

    private ValueTask<BlkStatus> StartDirectWrite(ulong offset, ReadOnlyMemory<byte> data)
    {
        if (!_device.Kernel.Profile.Has(KernelRule.DirectWritesUnplugged))
            _device.Kernel.Blocks.StartPlug();
        // Nobody below writes to the memory of a write; flakey, which does in the kernel, takes a copy.
        var memory = MemoryMarshal.AsMemory(data);
        return BlockRequests.ReadWrite(_device, BioOp.Write, BioFlags.Sync | BioFlags.Idle, offset >> Sectors.Shift, memory);
    }

    /// <summary>blkdev_dio_unaligned.</summary>
    private bool IsAligned(ulong offset, ulong length) =>
        ((offset | length) & (_device.Limits.LogicalBlockSize - 1)) == 0;

    private static ValueTask<IoResult> Failed(Errno errno) => new(IoResult.Failed(errno));

    private ValueTask<IoResult> ToResult(ValueTask<BlkStatus> work, int length)
    {
        if (!work.IsCompletedSuccessfully)
            return WaitAsync(work, length);
        _device.Kernel.Work.EndTurn();
        return new(ToResult(work.Result, length));
    }

    private static IoResult ToResult(BlkStatus status, int length) =>
        status == BlkStatus.Ok ? IoResult.Ok(length) : IoResult.Failed(status.ToErrno());

    private async ValueTask<IoResult> WaitAsync(ValueTask<BlkStatus> work, int length)
    {
        using (StartCall())
            return ToResult(await work, length);
    }

    /// <summary>blk_ioctl_discard.</summary>
    public async ValueTask<Errno> DiscardAsync(ulong offset, ulong length)
    {
        bool checksFirst = _device.Kernel.Profile.Has(KernelRule.DiscardsCheckedFirst);
        if (!checksFirst && (_mode & OpenMode.Write) == 0)
            return Errno.EBADF;
        if (_device.Limits.MaxDiscardSectors == 0)
            return Errno.EOPNOTSUPP;
        if ((_mode & OpenMode.Write) == 0)
            return Errno.EBADF;
        if (checksFirst && _device.ReadOnly)
            return Errno.EPERM;
        if (!IsRangeInside(offset, length) || (checksFirst && (length == 0 || !IsAligned(offset, length))))
            return Errno.EINVAL;
        return await OnRangeAsync(offset, length, () =>
            BlockRequests.Discard(_device, offset >> Sectors.Shift, length >> Sectors.Shift));
    }

    /// <summary>blk_ioctl_secure_erase.</summary>
    public async ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length)
    {
        if ((_mode & OpenMode.Write) == 0)
            return Errno.EBADF;
        bool hasLimit = _device.Kernel.Profile.Has(KernelRule.SecureEraseHasLimit);
        if ((hasLimit ? _device.Limits.MaxSecureEraseSectors : _device.Limits.MaxDiscardSectors) == 0)
            return Errno.EOPNOTSUPP;
        if (!IsRangeInside(offset, length))
            return Errno.EINVAL;
        return await OnRangeAsync(offset, length, () =>
            BlockRequests.SecureErase(_device, offset >> Sectors.Shift, length >> Sectors.Shift));
    }

    /// <summary>blk_ioctl_zeroout. The zeroed range stays allocated (BLKDEV_ZERO_NOUNMAP).</summary>
    public async ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length)
    {
        if ((_mode & OpenMode.Write) == 0)
            return Errno.EBADF;
        // Here the kernel computes the last byte, so that a length of 0 is refused.
        if (length == 0 || !IsRangeInside(offset, length))
            return Errno.EINVAL;
        return await OnRangeAsync(offset, length, () =>
            BlockRequests.ZeroOut(_device, offset >> Sectors.Shift, length >> Sectors.Shift, BioFlags.NoUnmap));
    }

    /// <summary>Whole sectors that do not reach past the end.</summary>
    private bool IsRangeInside(ulong offset, ulong length) =>
        new Bytes(offset).IsSectorAligned && new Bytes(length).IsSectorAligned
        && length <= ulong.MaxValue - offset && offset + length <= _device.Capacity.ToBytes().Value;

    private async ValueTask<Errno> OnRangeAsync(ulong offset, ulong length, Func<ValueTask<Errno>> work)
    {
        using var call = StartCall();
        bool locks = _device.Kernel.Profile.Has(KernelRule.RangesLocked);
        if (locks)
            await _device.InodeLock.TakeAsync();
        var errno = await TruncateRangeAsync(offset, length);
        if (errno == Errno.None)
            errno = await work();
        if (locks)
            _device.InodeLock.Give();
        _device.Kernel.Work.Drain();
        return errno;
    }

    /// <summary>blkdev_fsync.</summary>
    public async ValueTask<Errno> FlushAsync()
    {
        using var call = StartCall();
        if (_device.Cache is { } cache)
        {
            (var errno, _errorsSeen) = await cache.Writeback.WriteAndWaitForFileAsync(_errorsSeen);
            if (errno != Errno.None)
            {
                _device.Kernel.Work.Drain();
                return errno;
            }
        }
        var status = await BlockRequests.Flush(_device);
        _device.Kernel.Work.Drain();
        return status == BlkStatus.NotSupp ? Errno.None : status.ToErrno();
    }

    public ulong Size => _device.Capacity.ToBytes().Value;

    public DeviceLimits Limits()
    {
        var limits = _device.Limits;
        var files = _device.HasQueueFiles ? limits : NoFiles;
        return new DeviceLimits(
            Size,
            ReadOnly: _device.ReadOnly,
            LogicalBlockSize: limits.LogicalBlockSize,
            PhysicalBlockSize: limits.PhysicalBlockSize,
            IoMin: limits.IoMin,
            IoOpt: limits.IoOpt,
            AlignmentOffset: limits.Misaligned ? -1 : checked((int)_device.AlignmentOffset),
            DiscardMaxBytes: (ulong)files.MaxDiscardSectors << Sectors.Shift,
            DiscardGranularity: files.DiscardGranularity,
            WriteZeroesMaxBytes: (ulong)files.MaxWriteZeroesSectors << Sectors.Shift,
            ChunkSectors: files.ChunkSectors,
            WriteBackCache: files.WriteCache,
            Fua: files.Fua,
            Rotational: !files.NonRotational);
    }

    /// <summary>What a reader of queue files that are not there goes by.</summary>
    private static readonly QueueLimits NoFiles = new() { NonRotational = true };

    private Call StartCall()
    {
        _calls++;
        return new Call(this);
    }

    /// <summary>A system call on this file that may sleep.</summary>
    private readonly struct Call(OpenDevice handle) : IDisposable
    {
        public void Dispose()
        {
            if (--handle._calls > 0 || !handle._closed)
                return;
            handle.Release();
        }
    }
}
