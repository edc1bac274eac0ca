using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>Splitting a bio to the limits of its device's queue (block/blk-merge.c, 6.1).</summary>
public static class BioSplitting
{
    /// <summary>
    /// bio_split_to_limits: the first part of the bio that the queue takes at once. The rest is submitted again and the bio is not
    /// done before both are. Often the part is the bio itself.
    /// </summary>
    public static Bio SplitToLimits(Bio bio)
    {
        var limits = bio.Device.Limits;
        ulong sectors = bio.Op switch
        {
            BioOp.Discard or BioOp.SecureErase => DiscardSectors(bio, limits),
            BioOp.WriteZeroes => bio.Device.Kernel.Profile.Has(KernelRule.ZeroesKeepToChunks)
                ? MaxIoSectors(bio.Sector, limits.MaxWriteZeroesSectors, limits) : limits.MaxWriteZeroesSectors,
            _ => Math.Min(MaxIoSectors(bio.Sector, limits.MaxSectors, limits), MaxSegmentSectors(bio)),
        };
        if (sectors == 0 || sectors >= bio.SectorCount)
            return bio;
        var front = new Bio(bio);
        front.Truncate(sectors);
        front.Flags |= BioFlags.NoMerge;
        front.ComesFromCache(false);
        bio.Advance(sectors);
        front.ChainTo(bio);
        bio.Device.Kernel.Blocks.Submit(bio);
        return front;
    }

    /// <summary>bio_split_discard: the next part should start on a boundary of the granularity. 0 for no limit.</summary>
    private static ulong DiscardSectors(Bio bio, QueueLimits limits)
    {
        uint granularity = Math.Max(limits.DiscardGranularity >> Sectors.Shift, 1);
        uint max = Math.Min(limits.MaxDiscardSectors, uint.MaxValue / limits.LogicalBlockSize
            * (limits.LogicalBlockSize >> Sectors.Shift));
        max -= max % granularity;
        if (max == 0 || bio.SectorCount <= max)
            return 0;
        ulong end = unchecked(bio.Sector + max - (limits.DiscardAlignment >> Sectors.Shift) % granularity);
        uint past = (uint)(end % granularity);
        return max > past ? max - past : max;
    }

    /// <summary>bio_split_rw: how far the segments reach that a request may have, each a page of memory; those of a copy are few.</summary>
    private static ulong MaxSegmentSectors(Bio bio) => bio.CopiedBytes != 0 ? ulong.MaxValue
        : (QueueLimits.BLK_MAX_SEGMENTS * QueueLimits.PAGE_SIZE - bio.MemoryOffset % QueueLimits.PAGE_SIZE) / Sectors.BytesPerSector;

    /// <summary>blk_rq_get_max_sectors for reads and writes: what a request may grow to that begins there.</summary>
    internal static uint MaxSectorsAt(ulong sector, QueueLimits limits) => limits.ChunkSectors == 0 ? limits.MaxSectors
        : Math.Min(limits.MaxSectors, ChunkSectorsLeft(sector, limits.ChunkSectors));

    /// <summary>get_max_io_size: ends on a physical block where it can.</summary>
    private static uint MaxIoSectors(ulong sector, uint max, QueueLimits limits)
    {
        uint physical = limits.PhysicalBlockSize >> Sectors.Shift;
        uint logical = limits.LogicalBlockSize >> Sectors.Shift;
        if (limits.ChunkSectors != 0)
            max = Math.Min(max, ChunkSectorsLeft(sector, limits.ChunkSectors));
        uint start = (uint)(sector & (physical - 1));
        uint end = (start + max) & ~(physical - 1);
        return end > start ? end - start : max & ~(logical - 1);
    }

    /// <summary>blk_chunk_sectors_left (include/linux/blkdev.h): from an offset to the end of its chunk.</summary>
    public static uint ChunkSectorsLeft(ulong offset, uint chunkSectors) => chunkSectors - (uint)(offset % chunkSectors);
}
