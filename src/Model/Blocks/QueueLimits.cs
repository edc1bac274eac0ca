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

    public const uint BLK_SAFE_MAX_SECTORS = 255;

    /// <summary>What most drivers allow at once, in sectors.</summary>
    public const uint BLK_DEF_MAX_SECTORS = 2560;

    /// <summary>Segments of a request, where the driver says nothing else.</summary>
    public const uint BLK_MAX_SEGMENTS = 128;

    public const uint PAGE_SIZE = 4096;
    public const uint PAGE_SECTORS = PAGE_SIZE / 512;
}
