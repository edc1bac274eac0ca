using DmSim.Abi;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>
/// A part of a loop device that is a block device of its own, loop0p1: struct block_device with bd_partno (block/partitions/core.c, 6.1).
/// Its I/O is the disk's, further on.
/// </summary>
public sealed class Partition : BlockDevice
{
    private readonly LoopDevice _disk;
    private Sectors _length;

    internal Partition(LoopDevice disk, DeviceNumber number, PartitionEntry entry)
        : base(disk.Kernel, number, $"{disk.Name}p{entry.Number}", disk)
    {
        _disk = disk;
        _length = new Sectors(entry.Length);
        PartitionNumber = entry.Number;
        StartSector = entry.Start;
        Label = entry.Label;
    }

    /// <summary>bd_partno: 1 is the first.</summary>
    public int PartitionNumber { get; }

    public override ulong StartSector { get; }

    /// <summary>Its name in the table; empty where that has none.</summary>
    internal string Label { get; }

    public override BlockDevice Whole => _disk;
    public override Sectors Capacity => _length;
    protected override bool DiskReadOnly => _disk.ReadOnly;
    public override QueueLimits Limits => _disk.Limits;
    internal override uint AlignmentOffset => LimitsStacking.AlignmentOffset(Limits, StartSector);
    internal override void ChangeLimits(Func<QueueLimits, QueueLimits> change) => _disk.ChangeLimits(change);

    internal override ulong ReadAheadPages
    {
        get => _disk.ReadAheadPages;
        set => _disk.ReadAheadPages = value;
    }

    /// <summary>bdev_set_nr_sectors, of bdev_resize_partition.</summary>
    internal void Resize(ulong length) => _length = new Sectors(length);

    /// <summary>blkdev_get_part: the disk is open as well. ENXIO for a partition without sectors.</summary>
    protected override Errno OnOpen(OpenMode mode)
    {
        var errno = _disk.Get(mode, null);
        if (errno != Errno.None)
            return errno;
        if (_length != Sectors.Zero)
            return Errno.None;
        _disk.Put(mode, null);
        return Errno.ENXIO;
    }

    /// <summary>blkdev_put_part.</summary>
    protected override void OnRelease(OpenMode mode) => _disk.Put(mode, null);

    /// <summary>Never called: <see cref="BlockLayer.Submit"/> has sent the bio on to the disk (blk_partition_remap).</summary>
    public override void HandleBio(Bio bio) => throw new InvalidOperationException($"a bio came to {Name} itself");
}
