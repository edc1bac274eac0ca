using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// struct bio: a request to a block device, a run of sectors with its data, and who is told when it is done. What is left of
/// it to do (bi_iter) moves on: a driver that completes it advances it, device-mapper trims it while it splits it.
/// Drivers and targets see where it was left.
/// </summary>
public class Bio
{
    /// <summary>Where it goes; targets redirect it here when they answer <see cref="Targets.MapResult.Remapped"/>.</summary>
    public BlockDevice Device { get; set; }

    /// <summary>The partition by way of which it came to <see cref="Device"/>: it counts it as well.</summary>
    internal Partitions.Partition? Partition { get; private set; }

    /// <summary>blk_partition_remap.</summary>
    internal void SendToDisk(Partitions.Partition partition)
    {
        Partition = partition;
        Device = partition.Whole;
        Sector += partition.StartSector;
    }

    public BioOp Op { get; private set; }

    public BioFlags Flags { get; set; }

    /// <summary>First sector that is left, on the device it is (re)submitted to (bi_iter.bi_sector).</summary>
    public ulong Sector { get; set; }

    /// <summary>Sectors that are left (bi_iter.bi_size / 512); 0 for an empty flush and for what has been done.</summary>
    public ulong SectorCount { get; set; }

    /// <summary>For Read and Write the memory of the sectors that are left; empty for the other operations.</summary>
    public Memory<byte> Data { get; set; }

    /// <summary>Bytes from the start of its memory, which began on a page, to the data that is left.</summary>
    internal ulong MemoryOffset { get; private set; }

    /// <summary>Bytes of memory that a target has taken for a copy; 0 for that of user space, whose pages lie anywhere.</summary>
    internal ulong CopiedBytes { get; private set; }

    /// <summary>clone_bio (drivers/md/dm-flakey.c, 6.12): the data becomes a copy.</summary>
    internal void CopyData()
    {
        Data = Data.ToArray();
        MemoryOffset = 0;
        CopiedBytes = (ulong)Data.Length;
        DataIsZeroPage = false;
    }

    /// <summary>bio_set_ioprio: it has the priority of the task that submits it. All do but some that flush.</summary>
    internal bool HasPriority { get; private protected set; } = true;

    /// <summary>bio_alloc_bioset: from a set of bios with a cache or one without.</summary>
    /// <param name="pages">That it is to hold: one for many is not kept in the cache.</param>
    internal void ComesFromCache(bool cache, ulong pages = 0) =>
        Flags = cache && pages <= BIO_INLINE_VECS && Device.Kernel.Profile.Has(KernelRule.BiosFromCaches)
            ? Flags | BioFlags.AllocCache : Flags & ~BioFlags.AllocCache;

    private const int BIO_INLINE_VECS = 4;

    /// <summary>
    /// The data is the kernel's page of zeros, many times (__blkdev_issue_zero_pages): flakey leaves it alone.
    /// </summary>
    public bool DataIsZeroPage { get; set; }

    /// <summary>Of direct I/O: it bears the priority of the task (ki_ioprio), which other bios have only with <see cref="Profiles.KernelRule.PrioritiesOfTasks"/>.</summary>
    public bool IsDirect { get; internal set; }

    /// <summary>Called when the bio ends (bi_end_io). A target may put itself in front, see <see cref="PassEndTo"/>.</summary>
    public Action<Bio>? EndIo { get; set; }

    /// <summary>bi_private: for whoever set <see cref="EndIo"/>.</summary>
    public object? Private { get; set; }

    /// <summary>bi_status.</summary>
    public BlkStatus Status { get; set; }

    private int _remaining = 1;

    public Bio(BlockDevice device, BioOp op, BioFlags flags = BioFlags.None)
    {
        Device = device;
        Op = op;
        Flags = flags;
    }

    /// <summary>bio_alloc_clone: the same piece of work on the same device and memory, with nobody to tell yet.</summary>
    public Bio(Bio source)
        : this(source.Device, source.Op, source.Flags) => Copy(source);

    private void Copy(Bio source)
    {
        Partition = source.Partition;
        Sector = source.Sector;
        SectorCount = source.SectorCount;
        Data = source.Data;
        MemoryOffset = source.MemoryOffset;
        CopiedBytes = source.CopiedBytes;
        HasPriority = source.HasPriority;
        DataIsZeroPage = source.DataIsZeroPage;
        IsDirect = source.IsDirect;
    }

    /// <summary>Of those that have ended so many are kept to be used again: as many as are under way when much is written back.</summary>
    internal const int MostSpare = 1024;

    /// <summary>bio_init of one that has ended and that nobody knows any more: it is as new.</summary>
    private protected void Reuse(BlockDevice device, BioOp op, BioFlags flags)
    {
        (Device, Op, Flags) = (device, op, flags);
        (Partition, EndIo, Private) = (null, null, null);
        (MemoryOffset, CopiedBytes, _remaining) = (0, 0, 1);
        (Status, HasPriority, DataIsZeroPage, IsDirect) = (BlkStatus.Ok, true, false, false);
    }

    /// <summary>bio_alloc_clone, likewise.</summary>
    private protected void ReuseAsClone(Bio source)
    {
        Reuse(source.Device, source.Op, source.Flags);
        Copy(source);
    }

    /// <summary>bio_end_sector.</summary>
    public ulong EndSector => Sector + SectorCount;

    public bool IsWrite => Op.IsWrite();

    /// <summary>bi_opf: operation and flags in one word, as log lines and flakey's masks have it.</summary>
    public uint Opf => (uint)Op | Flags.KernelBits(Device.Kernel.Profile);

    public bool IsPreflush => (Flags & BioFlags.Preflush) != 0;

    /// <summary>op_is_flush.</summary>
    public bool IsFlush => (Flags & (BioFlags.Preflush | BioFlags.Fua)) != 0;

    /// <summary>bio_has_data: whether there is memory left to read or write.</summary>
    public bool HasData => SectorCount != 0 && Op is BioOp.Read or BioOp.Write;

    /// <summary>bio_advance: the first sectors of what is left are done or belong to somebody else.</summary>
    public void Advance(ulong sectors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sectors, SectorCount);
        Sector += sectors;
        SectorCount -= sectors;
        MemoryOffset += sectors * Sectors.BytesPerSector;
        if (!Data.IsEmpty)
            Data = Data[(int)(sectors * Sectors.BytesPerSector)..];
    }

    /// <summary>Cuts what is left to its first sectors.</summary>
    public void Truncate(ulong sectors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sectors, SectorCount);
        SectorCount = sectors;
        if (!Data.IsEmpty)
            Data = Data[..(int)(sectors * Sectors.BytesPerSector)];
    }

    /// <summary>bio_trim.</summary>
    public void Trim(ulong offset, ulong sectors)
    {
        Advance(offset);
        Truncate(sectors);
    }

    /// <summary>bio_inc_remaining: one more <see cref="End()"/> is needed before the bio is done.</summary>
    public void IncRemaining() => _remaining++;

    /// <summary>Takes back an <see cref="IncRemaining"/>.</summary>
    internal void DecRemaining() => _remaining--;

    /// <summary>bio_chain: this bio is a part of <paramref name="parent"/>, which is not done before it.</summary>
    public void ChainTo(Bio parent)
    {
        Private = parent;
        EndIo = ChainEndIo;
        parent.IncRemaining();
    }

    private static readonly Action<Bio> ChainEndIo = static child =>
    {
        var parent = (Bio)child.Private!;
        if (child.Status != BlkStatus.Ok && parent.Status == BlkStatus.Ok)
            parent.Status = child.Status;
        parent.End();
    };

    /// <summary>bio_endio: tells the owner, when every part of the bio has ended.</summary>
    public void End()
    {
        if (_remaining == 0)
            throw new InvalidOperationException("a bio was ended more often than it was split and submitted");
        if (--_remaining == 0)
            EndIo?.Invoke(this);
    }

    /// <summary>Sets the status and ends.</summary>
    public void End(BlkStatus status)
    {
        Status = status;
        End();
    }

    /// <summary>For a hook that stands in <see cref="EndIo"/>: puts back what was there and tells it.</summary>
    public void PassEndTo(Action<Bio>? endIo)
    {
        EndIo = endIo;
        endIo?.Invoke(this);
    }
}
