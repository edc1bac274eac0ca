using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.PageCache;

namespace DmSim.Model.Blocks;

/// <summary>
/// A block device of the simulated machine, a loop device, a partition of one, or a mapped device: struct block_device with its gendisk. Who has it
/// open and who claims it for himself follows block/bdev.c (6.1).
/// </summary>
public abstract class BlockDevice
{
    private object? _holder;
    private int _claims;
    private SleepingLock? _inodeLock;

    /// <param name="disk">Of a partition, the disk that it is a part of.</param>
    protected BlockDevice(SimulatedKernel kernel, DeviceNumber number, string name, BlockDevice? disk = null)
    {
        Counters = new IoCounters(disk?.Counters);
        Kernel = kernel;
        Number = number;
        Name = name;
    }

    public SimulatedKernel Kernel { get; }

    public DeviceNumber Number { get; }

    /// <summary>Kernel name: loop0, loop0p1, dm-3.</summary>
    public string Name { get; }

    /// <summary>bdev_whole: itself, or the disk of which it is a partition.</summary>
    public virtual BlockDevice Whole => this;

    /// <summary>bd_start_sect: where it begins on <see cref="Whole"/>, in sectors.</summary>
    public virtual ulong StartSector => 0;

    /// <summary>Capacity as the block layer sees it (get_capacity).</summary>
    public abstract Sectors Capacity { get; }

    /// <summary>bdev_read_only: the driver says so (get_disk_ro), or user space has (BLKROSET).</summary>
    public bool ReadOnly => IsSetReadOnly || DiskReadOnly;

    /// <summary>get_disk_ro.</summary>
    protected abstract bool DiskReadOnly { get; }

    /// <summary>bd_read_only.</summary>
    internal bool IsSetReadOnly { get; set; }

    /// <summary>Whether there are files that say what its queue can do (blk_register_queue). Where not, readers take it for nothing.</summary>
    internal virtual bool HasQueueFiles => true;

    /// <summary>BD_RO_WARNED: it was told that somebody writes to it while it is read-only.</summary>
    internal bool ToldReadOnly { get; set; }

    /// <summary>bdi->ra_pages. A fresh device reads ahead 128 KiB (VM_READAHEAD_PAGES).</summary>
    internal virtual ulong ReadAheadPages { get; set; } = DefaultReadAheadPages;

    internal const ulong DefaultReadAheadPages = 32;

    /// <summary>diskseq: the how-maniest disk or medium since the machine came up it is. 0 before <see cref="CountDisk"/>.</summary>
    internal ulong DiskSequence { get; private set; }

    /// <summary>inc_diskseq: a new disk, or another medium in it.</summary>
    protected void CountDisk() => DiskSequence = Kernel.Devices.NextDiskSequence();

    /// <summary>i_blkbits as a size: what user space set with BLKBSZSET while it is open, else what the first open found.</summary>
    internal uint BlockSize { get; set; } = 512;

    /// <summary>What its statistics count.</summary>
    internal IoCounters Counters { get; }

    /// <summary>What of it is in memory; null as long as nobody has read or written it through memory.</summary>
    internal AddressSpace? Cache { get; private set; }

    internal AddressSpace MakeCache() => Cache ??= new AddressSpace(this);

    /// <summary>set_init_blocksize: the largest power of two up to a page that divides the size.</summary>
    private uint InitialBlockSize()
    {
        uint block = Limits.LogicalBlockSize;
        ulong size = Capacity.ToBytes().Value;
        while (block < QueueLimits.PAGE_SIZE && (size & block) == 0)
            block <<= 1;
        return block;
    }

    /// <summary>The queue limits in force; a stacked device's are computed from its table.</summary>
    public abstract QueueLimits Limits { get; }

    /// <summary>bdev_alignment_offset, in bytes, of one that is not misaligned.</summary>
    internal virtual uint AlignmentOffset => Limits.AlignmentOffset;

    /// <summary>What user space sets in sysfs, and a stacked device's next table sets anew.</summary>
    internal abstract void ChangeLimits(Func<QueueLimits, QueueLimits> change);

    internal QueueSettings Queue { get; } = new();

    /// <summary>How often it is open (disk_openers): by user space and by tables.</summary>
    public int Openers { get; private set; }

    /// <summary>Whether anybody has claimed it exclusively.</summary>
    public bool IsClaimed => _claims > 0;

    /// <summary>bd_may_claim: nobody holds it or the disk that it is a part of, or this very holder does.</summary>
    public bool MayClaim(object holder)
    {
        if (_claims > 0)
            return _holder == holder;
        return Whole == this || Whole._claims == 0 || Whole._holder == Parts;
    }

    // Who holds a disk of which a partition is claimed.
    private static readonly object Parts = new();

    private void Claim(object holder)
    {
        _holder = holder;
        _claims++;
        if (Whole != this)
            Whole.Claim(Parts);
    }

    private void Unclaim()
    {
        if (--_claims == 0)
            _holder = null;
        if (Whole != this)
            Whole.Unclaim();
    }

    /// <summary>
    /// blkdev_get_by_dev: opens for user space or for a table. The device counts it until the matching <see cref="Put"/>.
    /// A read-only device can be opened for writing; the writes fail.
    /// </summary>
    /// <param name="mode">As open(2).</param>
    /// <param name="holder">Who claims it exclusively (FMODE_EXCL), or null. One holder may claim several times.</param>
    /// <returns>EBUSY when somebody else has claimed it, or what the driver's open answers.</returns>
    public Errno Get(OpenMode mode, object? holder)
    {
        if (holder is not null && !MayClaim(holder))
            return Errno.EBUSY;
        var errno = OnOpen(mode);
        if (errno != Errno.None)
            return errno;
        if (Openers == 0)
            BlockSize = InitialBlockSize();
        Openers++;
        if (holder is not null)
            Claim(holder);
        return Errno.None;
    }

    /// <summary>
    /// blkdev_put. Arguments as in the <see cref="Get"/> that it undoes. The last one writes back what is dirty; who can wait for that has
    /// done so before.
    /// </summary>
    public void Put(OpenMode mode, object? holder)
    {
        if (Openers == 0 || (holder is not null && (_claims == 0 || _holder != holder)))
            throw new InvalidOperationException($"{Name} is put without having been got");
        if (Openers == 1 && Cache is { IsDirty: true } cache)
            Kernel.Blocks.CompleteNow(() => cache.Writeback.WriteAndWaitAsync());
        if (holder is not null)
            Unclaim();
        if (--Openers == 0)
            Cache?.Kill();
        OnRelease(mode);
    }

    /// <summary>The driver's open (block_device_operations).</summary>
    protected virtual Errno OnOpen(OpenMode mode) => Errno.None;

    /// <summary>The driver's release, when <see cref="Openers"/> is already one less.</summary>
    protected virtual void OnRelease(OpenMode mode) { }

    /// <summary>Whether the driver's release waits for a grace period, now that it is closed.</summary>
    internal virtual bool SleepsAfterClose => false;

    /// <summary>
    /// The driver's part of submit_bio: called by <see cref="BlockLayer.Submit"/> after its checks, by nobody else. The bio ends now
    /// or at a later virtual instant.
    /// </summary>
    public abstract void HandleBio(Bio bio);

    /// <summary>
    /// inode_lock of the device: BLKDISCARD, BLKSECDISCARD and BLKZEROOUT hold it, so that one waits for another.
    /// </summary>
    internal SleepingLock InodeLock => _inodeLock ??= new SleepingLock(Kernel);
}
