using DmSim.Abi;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>The partitions that a loop device has: found in its table, or made by BLKPG (block/partitions/core.c, 6.1).</summary>
internal sealed class DiskPartitions(LoopDevice disk)
{
    private readonly SortedDictionary<int, Partition> _partitions = [];

    /// <summary>GD_NEED_PART_SCAN: the next who opens the disk has it looked through.</summary>
    public bool NeedsScan { get; set; }

    /// <summary>disk->open_partitions.</summary>
    private bool IsInUse => _partitions.Values.Any(partition => partition.Openers > 0);

    /// <summary>
    /// bdev_disk_changed: the partitions that there were go, and those come that the table names, where the disk is one whose table is
    /// looked at.
    /// </summary>
    /// <returns>EBUSY while somebody uses a partition; EIO for a table that cannot be read.</returns>
    public Errno Scan()
    {
        if (IsInUse)
            return Errno.EBUSY;
        disk.EmptyCache();
        // A number is free again only after a grace period of RCU (bdev_free_inode), and so not for those that come now.
        var numbers = _partitions.Values.Select(partition => partition.Number).ToList();
        foreach (var partition in _partitions.Values.ToList())
            Take(partition);
        NeedsScan = false;
        var errno = disk.Capacity == Sectors.Zero || !disk.ScansPartitions ? Errno.None : ReadTable();
        foreach (var number in numbers)
            disk.Kernel.Loops.PartitionMinors.Free(number);
        return errno;
    }

    /// <summary>blk_add_partitions.</summary>
    private Errno ReadTable()
    {
        var table = new PartitionTable(disk);
        var errno = table.Read();
        if (!table.IsKnown)
            return errno;
        disk.Kernel.Uevents.Send("change", disk.Name);
        foreach (var entry in table.Entries)
            AddFound(entry);
        return Errno.None;
    }

    /// <summary>disk_scan_partitions, for BLKRRPART. EINVAL for a disk whose table is not looked at.</summary>
    /// <param name="claimed">Whoever asks has claimed the disk.</param>
    public Errno Reread(bool claimed)
    {
        if (!disk.ScansPartitions)
            return Errno.EINVAL;
        if (IsInUse || (disk.IsClaimed && !claimed))
            return Errno.EBUSY;
        // What comes of it is not said.
        Scan();
        return Errno.None;
    }

    /// <summary>blk_add_partition: what reaches beyond the end is cut off there.</summary>
    private void AddFound(PartitionEntry entry)
    {
        ulong capacity = disk.Capacity.Value;
        if (entry.Length == 0)
            return;
        if (entry.Start >= capacity)
        {
            disk.Kernel.Log.Write(4, $"{disk.Name}: p{entry.Number} start {entry.Start} is beyond EOD, truncated");
            return;
        }
        if (unchecked(entry.Start + entry.Length) > capacity)
        {
            disk.Kernel.Log.Write(4, $"{disk.Name}: p{entry.Number} size {entry.Length} extends beyond EOD, truncated");
            entry = entry with { Length = capacity - entry.Start };
        }
        Make(entry);
    }

    /// <summary>bdev_add_partition. EBUSY where another one lies, or has that number.</summary>
    public Errno Add(PartitionEntry entry)
    {
        if (Overlaps(entry, skipped: -1))
            return Errno.EBUSY;
        if (entry.Number >= PartitionTable.DISK_MAX_PARTS)
            return Errno.EINVAL;
        if (_partitions.ContainsKey(entry.Number))
            return Errno.EBUSY;
        Make(entry);
        return Errno.None;
    }

    /// <summary>add_partition.</summary>
    private void Make(PartitionEntry entry)
    {
        var partition = new Partition(disk, disk.Kernel.Loops.PartitionMinors.Take(), entry);
        _partitions.Add(entry.Number, partition);
        disk.Kernel.Devices.Add(partition);
        disk.Kernel.Uevents.Send("add", partition.Name,
            entry.Label.Length > 0 ? [$"PARTN={entry.Number}", $"PARTNAME={entry.Label}"] : [$"PARTN={entry.Number}"]);
    }

    /// <summary>bdev_del_partition. ENXIO where there is none, EBUSY while it is open.</summary>
    public Errno Delete(int number)
    {
        if (!_partitions.TryGetValue(number, out var partition))
            return Errno.ENXIO;
        if (partition.Openers > 0)
            return Errno.EBUSY;
        Take(partition);
        disk.Kernel.Loops.PartitionMinors.Free(partition.Number);
        return Errno.None;
    }

    /// <summary>bdev_resize_partition. ENXIO where there is none, EINVAL when it begins elsewhere, EBUSY where another one lies.</summary>
    public Errno Resize(PartitionEntry entry)
    {
        if (!_partitions.TryGetValue(entry.Number, out var partition))
            return Errno.ENXIO;
        if (entry.Start != partition.StartSector)
            return Errno.EINVAL;
        if (Overlaps(entry, skipped: entry.Number))
            return Errno.EBUSY;
        partition.Resize(entry.Length);
        return Errno.None;
    }

    /// <summary>partition_overlaps.</summary>
    private bool Overlaps(PartitionEntry entry, int skipped) => _partitions.Values.Any(other => other.PartitionNumber != skipped
        && entry.Start < other.StartSector + other.Capacity.Value && entry.Start + entry.Length > other.StartSector);

    /// <summary>blk_drop_partitions, for a disk that nobody uses.</summary>
    public void DeleteAll()
    {
        foreach (int number in _partitions.Keys.ToList())
            Delete(number);
    }

    /// <summary>delete_partition.</summary>
    private void Take(Partition partition)
    {
        _partitions.Remove(partition.PartitionNumber);
        disk.Kernel.Devices.Remove(partition);
        disk.Kernel.Uevents.Send("remove", partition.Name, $"PARTN={partition.PartitionNumber}");
    }
}
