using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>What programs do to a device node beyond direct I/O (block/ioctl.c, blkdev_ioctl; block/fops.c, 6.1).</summary>
internal sealed partial class OpenDevice
{
    public ValueTask<Errno> IoctlAsync(uint request, ulong argument, Memory<byte> bytes, IBackingFile? file)
    {
        var known = (BlockIoctl)request;
        switch (known)
        {
            case BlockIoctl.BLKDISCARD:
                return WithRange(bytes.Span, DiscardAsync);
            case BlockIoctl.BLKSECDISCARD:
                return WithRange(bytes.Span, SecureEraseAsync);
            case BlockIoctl.BLKZEROOUT:
                return WithRange(bytes.Span, ZeroOutAsync);
            case BlockIoctl.BLKFLSBUF:
                return FlushBuffersAsync();
            case BlockIoctl.BLKBSZSET:
                return SetBlockSizeAsync(BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span));
        }
        var errno = Query(known, bytes.Span) ?? Set(known, argument, bytes.Span);
        if (errno is null && _device is LoopDevice loop)
        {
            errno = loop.Ioctl(known, argument, bytes, file, _mode);
            _device.Kernel.Work.Drain();
        }
        return new ValueTask<Errno>(errno ?? Errno.ENOTTY);
    }

    private static ValueTask<Errno> WithRange(ReadOnlySpan<byte> range, Func<ulong, ulong, ValueTask<Errno>> work) =>
        work(BinaryPrimitives.ReadUInt64LittleEndian(range), BinaryPrimitives.ReadUInt64LittleEndian(range[8..]));

    /// <summary>What only looks. Null for anything else.</summary>
    private Errno? Query(BlockIoctl request, Span<byte> answer)
    {
        var limits = _device.Limits;
        ulong? value = request switch
        {
            BlockIoctl.BLKROGET => _device.ReadOnly ? 1u : 0,
            BlockIoctl.BLKSSZGET => limits.LogicalBlockSize,
            BlockIoctl.BLKPBSZGET => limits.PhysicalBlockSize,
            BlockIoctl.BLKIOMIN => limits.IoMin,
            BlockIoctl.BLKIOOPT => limits.IoOpt,
            BlockIoctl.BLKALIGNOFF => limits.Misaligned ? uint.MaxValue : _device.AlignmentOffset,
            BlockIoctl.BLKDISCARDZEROES or BlockIoctl.BLKGETZONESZ or BlockIoctl.BLKGETNRZONES => 0,
            BlockIoctl.BLKBSZGET => _device.BlockSize,
            BlockIoctl.BLKSECTGET => Math.Min(limits.MaxSectors, ushort.MaxValue),
            BlockIoctl.BLKROTATIONAL => limits.NonRotational ? 0u : 1,
            BlockIoctl.BLKGETSIZE => _device.Capacity.Value,
            BlockIoctl.BLKGETSIZE64 => _device.Capacity.ToBytes().Value,
            BlockIoctl.BLKRAGET or BlockIoctl.BLKFRAGET => _device.ReadAheadPages * QueueLimits.PAGE_SECTORS,
            BlockIoctl.BLKGETDISKSEQ => _device.Whole.DiskSequence,
            _ => null,
        };
        if (request == BlockIoctl.HDIO_GETGEO)
            return GetGeometry(answer);
        if (value is not { } known)
            return null;
        Span<byte> whole = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, known);
        whole[..answer.Length].CopyTo(answer);
        return Errno.None;
    }

    /// <summary>dm_blk_getgeo (drivers/md/dm.c): what the geometry command has set. A loop device has none.</summary>
    private Errno GetGeometry(Span<byte> answer)
    {
        if (_device is not MappedDevice mapped)
            return Errno.ENOTTY;
        answer.Clear();
        var geometry = mapped.Geometry;
        answer[0] = unchecked((byte)geometry.Heads);
        answer[1] = unchecked((byte)geometry.SectorsPerTrack);
        BinaryPrimitives.WriteUInt16LittleEndian(answer[2..], unchecked((ushort)geometry.Cylinders));
        BinaryPrimitives.WriteUInt64LittleEndian(answer[8..], geometry.Start);
        return Errno.None;
    }

    /// <summary>What changes something. Null for anything else.</summary>
    private Errno? Set(BlockIoctl request, ulong argument, ReadOnlySpan<byte> bytes)
    {
        switch (request)
        {
            case BlockIoctl.BLKROSET:
                _device.IsSetReadOnly = BinaryPrimitives.ReadInt32LittleEndian(bytes) != 0;
                return Errno.None;
            case BlockIoctl.BLKRASET or BlockIoctl.BLKFRASET:
                _device.ReadAheadPages = unchecked(argument * Sectors.BytesPerSector) / QueueLimits.PAGE_SIZE;
                return Errno.None;
            case BlockIoctl.BLKRRPART:
                // disk_scan_partitions (block/genhd.c). A mapped device has no partitions (GENHD_FL_NO_PART).
                return _device is LoopDevice disk ? disk.Partitions.Reread((_mode & OpenMode.Exclusive) != 0) : Errno.EINVAL;
            case BlockIoctl.BLKPG:
                return ChangePartition(bytes);
            default:
                return null;
        }
    }

    /// <summary>blkpg_do_ioctl (block/ioctl.c): struct blkpg_ioctl_arg, and behind it the struct blkpg_partition that it points to.</summary>
    private Errno ChangePartition(ReadOnlySpan<byte> bytes)
    {
        int op = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var asked = bytes[BlockPartition.ArgumentSize..];
        long start = BinaryPrimitives.ReadInt64LittleEndian(asked), length = BinaryPrimitives.ReadInt64LittleEndian(asked[8..]);
        int number = BinaryPrimitives.ReadInt32LittleEndian(asked[16..]);
        if (_device.Whole != _device || number <= 0)
            return Errno.EINVAL;
        var partitions = (_device as LoopDevice)?.Partitions;
        if (op == BlockPartition.BLKPG_DEL_PARTITION)
            return partitions?.Delete(number) ?? Errno.ENXIO;
        if (start < 0 || length <= 0 || start > long.MaxValue - length || ((start | length) & (_device.Limits.LogicalBlockSize - 1)) != 0)
            return Errno.EINVAL;
        if (_device.Kernel.Profile.Has(KernelRule.PartitionsWithinDisk) && (ulong)(start + length) >> Sectors.Shift > _device.Capacity.Value)
            return Errno.EINVAL;
        var entry = new PartitionEntry(number, (ulong)start >> Sectors.Shift, (ulong)length >> Sectors.Shift);
        return op switch
        {
            BlockPartition.BLKPG_ADD_PARTITION => partitions?.Add(entry) ?? Errno.EINVAL,
            BlockPartition.BLKPG_RESIZE_PARTITION => partitions?.Resize(entry) ?? Errno.ENXIO,
            _ => Errno.EINVAL,
        };
    }

    /// <summary>blkdev_fallocate (block/fops.c).</summary>
    public async ValueTask<Errno> FallocateAsync(int mode, ulong offset, ulong length)
    {
        const int keepSize = 1, punchHole = 2, noHideStale = 4, zeroRange = 0x10;
        if ((mode & ~(keepSize | punchHole | noHideStale | zeroRange)) != 0)
            return Errno.EOPNOTSUPP;
        ulong size = _device.Capacity.ToBytes().Value;
        if (offset >= size)
            return Errno.EINVAL;
        if (length > size - offset)
        {
            if ((mode & keepSize) == 0)
                return Errno.EINVAL;
            length = size - offset;
        }
        if (((offset | length) & (_device.Limits.LogicalBlockSize - 1)) != 0)
            return Errno.EINVAL;
        ulong sector = offset >> Sectors.Shift, count = length >> Sectors.Shift;
        var errno = mode switch
        {
            zeroRange or zeroRange | keepSize => await OnRangeAsync(offset, length, () =>
                BlockRequests.ZeroOut(_device, sector, count, BioFlags.NoUnmap)),
            punchHole | keepSize => await OnRangeAsync(offset, length, () =>
                BlockRequests.ZeroOut(_device, sector, count, BioFlags.None, writesZeros: false)),
            punchHole | keepSize | noHideStale => await OnRangeAsync(offset, length, () => BlockRequests.Discard(_device, sector, count)),
            _ => Errno.EOPNOTSUPP,
        };
        if (errno != Errno.None || _device.Kernel.Profile.Has(KernelRule.RangesLocked) || _device.Cache is not { PageCount: > 0 } cache)
            return errno;
        var (first, last) = PagesOf(offset, length);
        return await cache.InvalidateAsync(first, last);
    }
}
