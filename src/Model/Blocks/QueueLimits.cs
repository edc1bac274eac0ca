using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// struct queue_limits as far as it shapes I/O or user space can see it, plus the queue flags that stack with it. Names are the
/// kernel's; sector counts end in Sectors, the others are bytes. A fresh one is blk_set_default_limits
/// (include/linux/blkdev.h, block/blk-settings.c, 6.1).
/// </summary>
public sealed record QueueLimits
{
    public uint LogicalBlockSize { get; init; } = 512;
    public uint PhysicalBlockSize { get; init; } = 512;
    public uint IoMin { get; init; } = 512;
    public uint IoOpt { get; init; }
    public uint AlignmentOffset { get; init; }
    public bool Misaligned { get; init; }
    public uint MaxHwSectors { get; init; } = BLK_SAFE_MAX_SECTORS;
    public uint MaxSectors { get; init; } = BLK_SAFE_MAX_SECTORS;
    public uint MaxDevSectors { get; init; }

    /// <summary>What user space has set, which is part of the limits where those are validated; 0 for nothing.</summary>
    public uint MaxUserSectors { get; init; }

    public uint ChunkSectors { get; init; }
    public uint MaxDiscardSectors { get; init; }
    public uint MaxHwDiscardSectors { get; init; }
    public uint MaxSecureEraseSectors { get; init; }
    public uint MaxWriteZeroesSectors { get; init; }
    public uint DiscardGranularity { get; init; }
    public uint DiscardAlignment { get; init; }
    public bool DiscardMisaligned { get; init; }

    /// <summary>QUEUE_FLAG_WC: flushes mean something.</summary>
    public bool WriteCache { get; init; }

    /// <summary>QUEUE_FLAG_FUA.</summary>
    public bool Fua { get; init; }

    /// <summary>QUEUE_FLAG_NONROT.</summary>
    public bool NonRotational { get; init; }

    /// <summary>BLK_FEAT_POLL: a device of tables has it when nothing below it lacks it.</summary>
    public bool Polls { get; init; }

    public const uint BLK_SAFE_MAX_SECTORS = 255;

    /// <summary>What most drivers allow at once, in sectors.</summary>
    public const uint BLK_DEF_MAX_SECTORS = 2560;

    /// <summary>Segments of a request, where the driver says nothing else.</summary>
    public const uint BLK_MAX_SEGMENTS = 128;

    /// <summary>Bytes of a segment, where the driver says nothing else.</summary>
    public const uint BLK_MAX_SEGMENT_SIZE = 65536;

    /// <summary>What blk_validate_limits makes of the largest I/O (block/blk-settings.c, 6.12).</summary>
    /// <param name="usual">BLK_DEF_MAX_SECTORS_CAP, in sectors.</param>
    private QueueLimits WithLargestIo(uint usual)
    {
        uint hardware = MaxDevSectors == 0 ? MaxHwSectors : Math.Min(MaxHwSectors, MaxDevSectors);
        uint most = MaxUserSectors != 0 ? MaxUserSectors
            : Math.Max(usual, (IoOpt > usual << Sectors.Shift ? IoOpt : IoMin) >> Sectors.Shift);
        uint largest = Math.Min(hardware, most);
        return this with { MaxSectors = largest - largest % (LogicalBlockSize >> Sectors.Shift) };
    }

    internal QueueLimits WithLargestIo(KernelProfile profile) =>
        WithLargestIo(profile.Has(KernelRule.LargerIoIsUsual) ? BLK_DEF_MAX_SECTORS_CAP : BLK_DEF_MAX_SECTORS);

    /// <summary>4 MiB (include/linux/blkdev.h, 7.3).</summary>
    private const uint BLK_DEF_MAX_SECTORS_CAP = 8192;

    public const uint PAGE_SIZE = 4096;
    public const uint PAGE_SECTORS = PAGE_SIZE / 512;

    /// <summary>BLK_MAX_BLOCK_SIZE, in bytes.</summary>
    internal static uint MaxLogicalBlockSize(KernelProfile profile) => profile.Has(KernelRule.LargeBlocks) ? 65536 : PAGE_SIZE;
}
