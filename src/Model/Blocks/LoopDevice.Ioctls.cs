using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <content>The ioctls of its node (drivers/block/loop.c, 6.1): what only programs in a shell can ask for.</content>
public sealed partial class LoopDevice
{
    private const uint StatusSettableFlags = LoopInfo.LO_FLAGS_AUTOCLEAR | LoopInfo.LO_FLAGS_PARTSCAN;

    private const uint StatusClearableFlags = LoopInfo.LO_FLAGS_AUTOCLEAR;

    /// <summary>lo_ioctl. ENOTTY is never its answer: what it does not know is EINVAL (lo_simple_ioctl).</summary>
    internal Errno Ioctl(BlockIoctl request, ulong argument, Memory<byte> bytes, IBackingFile? file, OpenMode mode)
    {
        switch (request)
        {
            case BlockIoctl.LOOP_SET_FD:
                return ConfigureFrom(default, file, mode);
            case BlockIoctl.LOOP_CONFIGURE:
                var errno = ReadStatus(bytes.Span[LoopInfo.ConfigInfoOffset..], out var asked);
                uint block = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[LoopInfo.ConfigBlockSizeOffset..]);
                // What is wrong with the words is said only once the file and the device are known to be right.
                return ConfigureFrom(asked with { BlockSize = block }, file, mode, errno);
            case BlockIoctl.LOOP_CHANGE_FD:
                return ChangeFile(file);
            case BlockIoctl.LOOP_CLR_FD:
                return Detach(Openers - 1);
            case BlockIoctl.LOOP_SET_STATUS:
                return SetStatus(FromOld(bytes.Span));
            case BlockIoctl.LOOP_SET_STATUS64:
                return SetStatus(bytes.Span);
            case BlockIoctl.LOOP_GET_STATUS:
                return GetOldStatus(bytes.Span);
            case BlockIoctl.LOOP_GET_STATUS64:
                return GetStatus(bytes.Span);
            case BlockIoctl.LOOP_SET_CAPACITY:
                if (Store is null)
                    return Errno.ENXIO;
                UpdateSize();
                return Errno.None;
            case BlockIoctl.LOOP_SET_DIRECT_IO:
                return SetDirectIo(argument != 0);
            case BlockIoctl.LOOP_SET_BLOCK_SIZE:
                return ChangeBlockSize(argument, mode);
            default:
                return Errno.EINVAL;
        }
    }

    private Errno ConfigureFrom(Status asked, IBackingFile? file, OpenMode mode, Errno wrongWords = Errno.None)
    {
        if (file is null)
            return Errno.EBADF;
        bool claimed = (mode & OpenMode.Exclusive) != 0;
        if ((IsClaimed && !claimed) || Store is not null)
            return Errno.EBUSY;
        var backing = file.Node is { } node ? Kernel.Devices.Find(node) : null;
        if (IsBuiltOn(backing))
            return Errno.EBADF;
        if ((!file.IsRegular && backing is null) || backing is LoopDevice { Store: null })
            return Errno.EINVAL;
        if ((asked.Flags & ~ConfigureSettableFlags) != 0)
            return Errno.EINVAL;
        if (wrongWords != Errno.None)
            return wrongWords;
        bool readOnly = !file.IsWritable || (mode & OpenMode.Write) == 0;
        if (backing is null)
            return Configure(new FileStore(file), asked, readOnly, claimed);
        var errno = DeviceStore.Open(backing, file, out var store);
        if (errno != Errno.None)
            return errno;
        errno = Configure(store!, asked, readOnly, claimed);
        if (errno != Errno.None)
            store!.Close();
        return errno;
    }

    /// <summary>loop_validate_file: a loop device must not come to lie on itself, by way of other loop devices.</summary>
    private bool IsBuiltOn(BlockDevice? backing)
    {
        for (var device = backing; device is LoopDevice loop; device = (loop.Store as DeviceStore)?.Device)
            if (loop == this)
                return true;
        return false;
    }

    /// <summary>loop_change_fd: another file of the same size for a read-only device.</summary>
    private Errno ChangeFile(IBackingFile? file)
    {
        if (file is null)
            return Errno.EBADF;
        var errno = Errno.None;
        if (Store is null)
            errno = Errno.ENXIO;
        else if ((_status.Flags & LoopInfo.LO_FLAGS_READ_ONLY) == 0 || !file.IsRegular)
            errno = Errno.EINVAL;
        else
        {
            var next = new FileStore(file);
            if (FileSize(next) != FileSize(Store))
                errno = Errno.EINVAL;
            else
            {
                Store.Close();
                Store = next;
                CountDisk();
                RereadPartitions();
            }
        }
        SendChange();
        return errno;
    }

    /// <summary>The checks of loop_set_status_from_info.</summary>
    private static Errno ReadStatus(ReadOnlySpan<byte> info, out Status status)
    {
        status = new Status(
            BinaryPrimitives.ReadUInt64LittleEndian(info[LoopInfo.OffsetOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(info[LoopInfo.SizelimitOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(info[LoopInfo.FlagsOffset..]),
            0,
            info.Slice(LoopInfo.FileNameOffset, LoopInfo.LO_NAME_SIZE).ToArray());
        status.FileName![^1] = 0;
        if (BinaryPrimitives.ReadUInt32LittleEndian(info[LoopInfo.EncryptKeySizeOffset..]) > LoopInfo.LO_KEY_SIZE
            || BinaryPrimitives.ReadUInt32LittleEndian(info[LoopInfo.EncryptTypeOffset..]) != LoopInfo.LO_CRYPT_NONE)
            return Errno.EINVAL;
        return status.Offset > long.MaxValue || status.SizeLimit > long.MaxValue ? Errno.EOVERFLOW : Errno.None;
    }

    /// <summary>loop_set_status.</summary>
    private Errno SetStatus(ReadOnlySpan<byte> info)
    {
        if (Store is null)
            return Errno.ENXIO;
        var errno = ReadStatus(info, out var asked);
        if (errno != Errno.None)
            return errno;
        bool resized = asked.Offset != _status.Offset || asked.SizeLimit != _status.SizeLimit;
        if (resized)
            EmptyCache();
        uint flags = (asked.Flags & StatusSettableFlags) | (_status.Flags & ~StatusSettableFlags)
            | (_status.Flags & ~StatusClearableFlags);
        bool scanned = ScansPartitions;
        _status = asked with { Flags = flags, BlockSize = _status.BlockSize };
        if (resized)
            UpdateSize();
        if (!scanned)
            RereadPartitions();
        return Errno.None;
    }

    /// <summary>sync_blockdev and invalidate_bdev, before the device becomes another part of its file or its table is read.</summary>
    internal void EmptyCache()
    {
        if (Cache is not { } cache)
            return;
        Kernel.Blocks.CompleteNow(() => cache.Writeback.WriteAndWaitAsync());
        cache.DropClean();
    }

    /// <summary>loop_get_status.</summary>
    private Errno GetStatus(Span<byte> info)
    {
        if (Store is null)
            return Errno.ENXIO;
        info.Clear();
        var (device, inode) = Store.Identity;
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.DeviceOffset..], device);
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.InodeOffset..], inode);
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.OffsetOffset..], _status.Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.SizelimitOffset..], _status.SizeLimit);
        BinaryPrimitives.WriteUInt32LittleEndian(info[LoopInfo.NumberOffset..], Number.Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(info[LoopInfo.FlagsOffset..], _status.Flags);
        _status.FileName?.CopyTo(info[LoopInfo.FileNameOffset..]);
        return Errno.None;
    }

    /// <summary>loop_info64_from_old.</summary>
    private static byte[] FromOld(ReadOnlySpan<byte> old)
    {
        byte[] info = new byte[LoopInfo.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(info.AsSpan(LoopInfo.OffsetOffset),
            unchecked((ulong)BinaryPrimitives.ReadInt32LittleEndian(old[LoopInfo.OldOffsetOffset..])));
        old.Slice(LoopInfo.OldFlagsOffset, 4).CopyTo(info.AsSpan(LoopInfo.FlagsOffset));
        old.Slice(LoopInfo.OldNameOffset, LoopInfo.LO_NAME_SIZE).CopyTo(info.AsSpan(LoopInfo.FileNameOffset));
        return info;
    }

    /// <summary>loop_info64_to_old: EOVERFLOW for what the old structure cannot hold.</summary>
    private Errno GetOldStatus(Span<byte> old)
    {
        Span<byte> info = stackalloc byte[LoopInfo.Size];
        var errno = GetStatus(info);
        if (errno != Errno.None)
            return errno;
        old.Clear();
        var (device, inode) = Store!.Identity;
        BinaryPrimitives.WriteUInt32LittleEndian(old, Number.Minor);
        BinaryPrimitives.WriteUInt64LittleEndian(old[LoopInfo.OldDeviceOffset..], device);
        BinaryPrimitives.WriteUInt64LittleEndian(old[LoopInfo.OldInodeOffset..], inode);
        BinaryPrimitives.WriteInt32LittleEndian(old[LoopInfo.OldOffsetOffset..], unchecked((int)_status.Offset));
        BinaryPrimitives.WriteUInt32LittleEndian(old[LoopInfo.OldFlagsOffset..], _status.Flags);
        _status.FileName?.CopyTo(old[LoopInfo.OldNameOffset..]);
        return _status.Offset > int.MaxValue ? Errno.EOVERFLOW : Errno.None;
    }

    /// <summary>loop_set_dio.</summary>
    private Errno SetDirectIo(bool on)
    {
        if (Store is null)
            return Errno.ENXIO;
        if (on && !CanReadDirectly)
            return Errno.EINVAL;
        _status = _status with { Flags = on ? _status.Flags | LoopInfo.LO_FLAGS_DIRECT_IO : _status.Flags & ~LoopInfo.LO_FLAGS_DIRECT_IO };
        return Errno.None;
    }

    /// <summary>loop_set_block_size.</summary>
    private Errno ChangeBlockSize(ulong size, OpenMode mode)
    {
        if (IsClaimed && (mode & OpenMode.Exclusive) == 0)
            return Errno.EBUSY;
        if (Store is null)
            return Errno.ENXIO;
        if (Kernel.Profile.Has(KernelRule.LoopLimitsUpdated))
            return UpdateBlockSize(size);
        if (!Accepts(size))
            return Errno.EINVAL;
        EmptyCache();
        uint block = (uint)size;
        _limits = _limits with { LogicalBlockSize = block, PhysicalBlockSize = block, IoMin = block };
        return Errno.None;
    }

    /// <summary>loop_set_block_size, 6.12: all limits are made anew, and no size is the size that a file has by itself.</summary>
    private Errno UpdateBlockSize(ulong size)
    {
        if (size == _limits.LogicalBlockSize)
            return Errno.None;
        EmptyCache();
        uint block = unchecked((uint)size);
        if (block == 0)
            block = DefaultBlockSize;
        if (!Accepts(block))
            return Errno.EINVAL;
        UpdateLimits(Store!, block);
        return Errno.None;
    }
}
