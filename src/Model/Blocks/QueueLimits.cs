namespace DmSim.Model.Blocks;

/// <summary>
/// struct queue_limits as far as user space can see it, plus the queue flags that stack with it. Names are the kernel's;
/// sector counts end in Sectors, the others are bytes. (include/linux/blkdev.h, 6.1)
/// </summary>
public sealed record QueueLimits
{
    public uint LogicalBlockSize { get; init; } = 512;
    public uint PhysicalBlockSize { get; init; } = 512;
    public uint IoMin { get; init; } = 512;
    public uint IoOpt { get; init; }
    public uint AlignmentOffset { get; init; }
    public bool Misaligned { get; init; }
    public uint MaxHwSectors { get; init; } = 255;
    public uint MaxSectors { get; init; } = 255;
    public uint MaxDevSectors { get; init; }
    public uint ChunkSectors { get; init; }
    public uint MaxDiscardSectors { get; init; }
    public uint MaxHwDiscardSectors { get; init; }
    public uint MaxSecureEraseSectors { get; init; }
    public uint MaxWriteZeroesSectors { get; init; }
    public uint DiscardGranularity { get; init; }
    public uint DiscardAlignment { get; init; }
    public bool DiscardMisaligned { get; init; }
    public bool WriteCache { get; init; }
    public bool Fua { get; init; }
    public bool NonRotational { get; init; }
}
