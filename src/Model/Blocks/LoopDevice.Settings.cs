using System.Numerics;
using DmSim.Abi;
using DmSim.Model.Ioctl;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>How a loop device is set up (drivers/block/loop.c, 6.1).</summary>
public sealed partial class LoopDevice
{
    private const uint ConfigureSettableFlags = LoopInfo.LO_FLAGS_READ_ONLY | LoopInfo.LO_FLAGS_AUTOCLEAR
        | LoopInfo.LO_FLAGS_PARTSCAN | LoopInfo.LO_FLAGS_DIRECT_IO;

    /// <summary>The part of struct loop_info64 that a device keeps, and LOOP_CONFIGURE's block size.</summary>
    internal readonly record struct Status(ulong Offset, ulong SizeLimit, uint Flags, uint BlockSize, byte[]? FileName);

    private const uint DefaultBlockSize = Sectors.BytesPerSector;

    private Status _status;

    /// <summary>lo_flags.</summary>
    public uint Flags => _status.Flags;

    /// <summary>lo_offset, in bytes.</summary>
    public ulong Offset => _status.Offset;

    /// <summary>lo_sizelimit, in bytes; 0 for none.</summary>
    public ulong SizeLimit => _status.SizeLimit;

    /// <summary>loop_configure. <paramref name="claimed"/>: the caller's handle holds the device exclusively.</summary>
    internal Errno Configure(BackingStore store, Status asked, bool readOnly, bool claimed)
    {
        if ((IsClaimed && !claimed) || Store is not null)
            return Errno.EBUSY;
        if ((asked.Flags & ~ConfigureSettableFlags) != 0)
            return Errno.EINVAL;
        if (asked.BlockSize != 0 && !Accepts(asked.BlockSize))
            return Errno.EINVAL;
        if (readOnly)
            asked = asked with { Flags = asked.Flags | LoopInfo.LO_FLAGS_READ_ONLY };
        Store = store;
        _status = CanReadDirectly ? asked : asked with { Flags = asked.Flags & ~LoopInfo.LO_FLAGS_DIRECT_IO };
        CountDisk();
        _diskReadOnly = (_status.Flags & LoopInfo.LO_FLAGS_READ_ONLY) != 0;
        UpdateLimits(store, asked.BlockSize == 0 ? DefaultBlockSize : asked.BlockSize);
        // Uevents are held back while it is set up; one follows at the end.
        SetCapacity(FileSize(store));
        SendChange();
        RereadPartitions();
        return Errno.None;
    }

    /// <summary>The limits that it has from its file and its block size (loop_update_limits, 6.12).</summary>
    private void UpdateLimits(BackingStore store, uint block)
    {
        // loop_config_discard: punching holes in the file is what discard means, and for a device to zero it.
        var backing = (store as DeviceStore)?.Device.Limits;
        uint maxDiscardSectors = backing?.MaxWriteZeroesSectors ?? uint.MaxValue >> Sectors.Shift;
        uint granularity = backing is null ? store.BlockSize : backing.DiscardGranularity != 0 ? backing.DiscardGranularity : backing.PhysicalBlockSize;
        // blk_validate_limits.
        if (Kernel.Profile.Has(KernelRule.LimitsValidated))
            granularity = Math.Max(granularity, block);
        _limits = _limits with
        {
            WriteCache = !_diskReadOnly,
            LogicalBlockSize = block,
            PhysicalBlockSize = block,
            IoMin = block,
            DiscardGranularity = maxDiscardSectors == 0 ? 0 : granularity,
            MaxDiscardSectors = maxDiscardSectors,
            MaxHwDiscardSectors = maxDiscardSectors,
            MaxWriteZeroesSectors = maxDiscardSectors,
            NonRotational = true,
        };
    }

    /// <summary>
    /// __loop_update_dio: every file of the machine counts as lying on tmpfs. What direct I/O does to it is what other I/O does.
    /// </summary>
    private bool CanReadDirectly => Kernel.Profile.Has(KernelRule.FilesTakeDirectIo) && Store is not DeviceStore;

    /// <summary>loop_reread_partitions, where the device is one whose table is looked at.</summary>
    private void RereadPartitions()
    {
        if (ScansPartitions)
            ScanPartitions("loop_reread_partitions", $" ({CStrings.ToText(CStrings.Until0(_status.FileName))})");
    }

    /// <summary>loop_clr_fd: now, or at the last close when others have the device open. ENXIO without a file.</summary>
    internal Errno Detach(int otherOpeners)
    {
        if (Store is null)
            return Errno.ENXIO;
        if (otherOpeners > 0)
            _status = _status with { Flags = _status.Flags | LoopInfo.LO_FLAGS_AUTOCLEAR };
        else
            Clear();
        return Errno.None;
    }

    /// <summary>get_size.</summary>
    private Sectors FileSize(BackingStore store)
    {
        ulong length = store.Length;
        ulong rest = length > _status.Offset ? length - _status.Offset : 0;
        if (_status.SizeLimit > 0 && _status.SizeLimit < rest)
            rest = _status.SizeLimit;
        return new Bytes(rest).ToSectorsFloor();
    }

    /// <summary>blk_validate_block_size, and what blk_validate_limits says of a size that is none.</summary>
    private bool Accepts(ulong size)
    {
        bool valid = size >= 512 && size <= QueueLimits.MaxLogicalBlockSize(Kernel.Profile) && BitOperations.IsPow2(size);
        if (!valid && Kernel.Profile.Has(KernelRule.LimitsValidated))
            Kernel.Log.Write(4, $"Invalid logical block size ({unchecked((int)size)})");
        return valid;
    }
}
