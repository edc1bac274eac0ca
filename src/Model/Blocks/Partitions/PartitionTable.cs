using DmSim.Abi;
using DmSim.Model.PageCache;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>
/// What a disk's first sectors say of its partitions: struct parsed_partitions (block/partitions/core.c, check_partition, 6.1). Two of the
/// kernel's many formats are known, those that people use: GPT and the PC's table with its chain of logical partitions. A disk with
/// another (of BSD, Sun, Apple, Amiga …) counts as one without.
/// </summary>
internal sealed class PartitionTable(BlockDevice disk)
{
    /// <summary>One more than the highest number of a partition.</summary>
    public const int DISK_MAX_PARTS = 256;

    private readonly SortedDictionary<int, PartitionEntry> _entries = [];
    private bool _readBeyondEnd;
    private bool _failed;

    public BlockDevice Disk { get; } = disk;

    /// <summary>Whether a format was recognised; it may have no entries.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>By number.</summary>
    public IEnumerable<PartitionEntry> Entries => _entries.Values;

    /// <summary>pp_buf: the line that the log gets.</summary>
    public string Line { get; set; } = $" {disk.Name}:";

    /// <summary>Sectors of a block of the disk, in which tables count.</summary>
    public ulong BlockSectors => Disk.Limits.LogicalBlockSize >> Sectors.Shift;

    /// <summary>check_partition. EIO when a sector could not be read and no format was recognised.</summary>
    public Errno Read()
    {
        IsKnown = GuidTable.Read(this) || MsdosTable.Read(this);
        if (IsKnown)
        {
            Disk.Kernel.Log.Write(6, Line);
            if (_readBeyondEnd)
                Disk.Kernel.Log.Write(4, $"{Disk.Name}: partition table partially beyond EOD, truncated");
            return Errno.None;
        }
        if (!_failed && !_readBeyondEnd)
            return Errno.None;
        Disk.Kernel.Log.Write(6, Line + " unable to read partition table");
        if (_readBeyondEnd)
            Disk.Kernel.Log.Write(4, $"{Disk.Name}: partition table beyond EOD, truncated");
        return Errno.EIO;
    }

    /// <summary>put_partition.</summary>
    public void Put(PartitionEntry entry)
    {
        if (entry.Number >= DISK_MAX_PARTS)
            return;
        _entries[entry.Number] = entry;
        Line += $" p{entry.Number}";
    }

    /// <summary>read_part_sector: by way of the page cache. Null where it cannot be read.</summary>
    public ReadOnlyMemory<byte>? ReadSector(ulong sector)
    {
        if (sector >= Disk.Capacity.Value)
        {
            _readBeyondEnd = true;
            return null;
        }
        CachedPage? page = null;
        var errno = Disk.Kernel.Blocks.CompleteNow(async () =>
        {
            (var result, page) = await BufferedReads.ReadPageAsync(Disk.MakeCache(), sector / QueueLimits.PAGE_SECTORS);
            return result;
        });
        _failed |= errno != Errno.None;
        return errno != Errno.None ? null
            : page!.Bytes.Slice((int)(sector % QueueLimits.PAGE_SECTORS * Sectors.BytesPerSector), (int)Sectors.BytesPerSector);
    }

    /// <summary>Reads several sectors; null when one of them cannot be.</summary>
    public byte[]? ReadSectors(ulong first, int bytes)
    {
        byte[] all = new byte[bytes];
        for (int done = 0; done < bytes; done += (int)Sectors.BytesPerSector, first++)
        {
            if (ReadSector(first) is not { } sector)
                return null;
            int part = Math.Min(sector.Length, bytes - done);
            sector.Span[..part].CopyTo(all.AsSpan(done));
        }
        return all;
    }
}
