using System.Numerics;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>
/// A page of a device in memory: struct folio with its buffer heads (include/linux/page-flags.h, fs/buffer.c, 6.1). The buffers are the
/// device's blocks in it, at most eight: a bit each.
/// </summary>
/// <param name="memory">Of which its bytes are a part, or null when they are nobody else's.</param>
internal sealed class CachedPage(AddressSpace space, ulong index, Memory<byte> bytes, PageMemory? memory = null)
{
    public PageMemory? Memory { get; } = memory;

    public AddressSpace Space { get; } = space;

    /// <summary>Which page of the device, counted from 0.</summary>
    public ulong Index { get; } = index;

    public Memory<byte> Bytes { get; } = bytes;

    /// <summary>PG_uptodate: all of it is what the device has, or newer.</summary>
    public bool IsUptodate { get; set; }

    /// <summary>PG_readahead: who comes to this page reads ahead of it.</summary>
    public bool IsReadAheadMark { get; set; }

    /// <summary>PG_locked: it is being read.</summary>
    public bool IsLocked { get; set; }

    /// <summary>PG_writeback.</summary>
    public bool IsUnderWriteback => Writing > 0;

    /// <summary>Buffers that are being written.</summary>
    public int Writing { get; set; }

    /// <summary>Buffers that are being read one by one, and whether one of them has failed.</summary>
    public int Reading { get; set; }

    public bool HasReadError { get; set; }

    /// <summary>BH_Uptodate of each buffer.</summary>
    public byte UptodateBuffers { get; set; }

    /// <summary>BH_Dirty of each buffer.</summary>
    public byte DirtyBuffers { get; set; }

    public bool IsDirty => DirtyBuffers != 0;

    /// <summary>It belongs to its device no more: who still reads or writes it does so for nobody.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Its place among all pages in memory.</summary>
    public PageList.Links InMemory;

    /// <summary>Its place among those of its device that are being written.</summary>
    public PageList.Links UnderWay;

    public ulong Sector => Index * QueueLimits.PAGE_SECTORS;

    public int DirtyCount => BitOperations.PopCount(DirtyBuffers);
}
