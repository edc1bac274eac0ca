using System.Buffers.Binary;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>The PC's table: four entries in sector 0, and a chain of tables in an extended partition (block/partitions/msdos.c, 6.1).</summary>
internal static class MsdosTable
{
    private const int TableOffset = 0x1be;
    private const int EntrySize = 16;
    private const int FirstLogical = 5;

    /// <summary>How many links without a partition are followed (parse_extended).</summary>
    private const int MaxEmptyLinks = 100;

    private const byte DosExtended = 0x05, Win98Extended = 0x0f, LinuxExtended = 0x85;

    /// <summary>The one entry of a disk with a <see cref="GuidTable"/>, which says that it is taken.</summary>
    internal const byte EfiProtective = 0xee;

    private const byte OnTrackDm6 = 0x54, EzDrive = 0x55;

    internal readonly record struct Entry(byte BootIndicator, byte Type, ulong Start, ulong Length)
    {
        public bool IsExtended => Type is DosExtended or Win98Extended or LinuxExtended;
    }

    /// <summary>msdos_partition. True when the disk has such a table.</summary>
    public static bool Read(PartitionTable table)
    {
        if (table.ReadSector(0) is not { } sector || !HasMagic(sector.Span))
            return false;
        var entries = Entries(sector.Span, table.BlockSectors);
        if (entries.Any(entry => entry.BootIndicator is not (0 or 0x80)))
            // A file system of FAT, whose boot sector has the same magic: known, and without partitions.
            return entries[0].BootIndicator is not (0 or 0x80) && IsFatBootSector(sector.Span);
        if (entries.Any(entry => entry.Type == EfiProtective))
            return false;
        int next = FirstLogical;
        for (int slot = 1; slot <= entries.Length; slot++)
        {
            var entry = entries[slot - 1];
            if (entry.Length == 0)
                continue;
            if (entry.IsExtended)
            {
                // Room for a boot loader, and no more, so that nobody makes a file system over the chain.
                table.Put(new PartitionEntry(slot, entry.Start, Math.Min(entry.Length, Math.Max(table.BlockSectors, 2))));
                table.Line += " <";
                FollowChain(table, entry, ref next);
                table.Line += " >";
                continue;
            }
            table.Put(new PartitionEntry(slot, entry.Start, entry.Length));
            table.Line += entry.Type switch { OnTrackDm6 => "[DM]", EzDrive => "[EZD]", _ => "" };
        }
        return true;
    }

    /// <summary>parse_extended: each table has a partition, and a link to the next table.</summary>
    private static void FollowChain(PartitionTable table, Entry whole, ref int next)
    {
        ulong at = whole.Start, length = whole.Length;
        for (int links = 0; links < MaxEmptyLinks; links++)
        {
            if (table.ReadSector(at) is not { } sector || !HasMagic(sector.Span))
                return;
            var entries = Entries(sector.Span, table.BlockSectors);
            for (int i = 0; i < entries.Length; i++)
            {
                var entry = entries[i];
                if (entry.Length == 0 || entry.IsExtended)
                    continue;
                ulong start = at + entry.Start;
                // The third and fourth are often rubbish.
                if (i >= 2 && (entry.Start + entry.Length > length || start < whole.Start || start + entry.Length > whole.Start + whole.Length))
                    continue;
                // A chain may lead back to itself.
                if (next == PartitionTable.DISK_MAX_PARTS)
                    return;
                table.Put(new PartitionEntry(next++, start, entry.Length));
                links = -1;
            }
            int link = Array.FindIndex(entries, entry => entry.Length != 0 && entry.IsExtended);
            if (link < 0)
                return;
            (at, length) = (whole.Start + entries[link].Start, entries[link].Length);
        }
    }

    internal static bool HasMagic(ReadOnlySpan<byte> sector) => sector[510] == 0x55 && sector[511] == 0xaa;

    /// <summary>Reserved sectors, tables, and a descriptor of the medium that FAT allows (fat_valid_media).</summary>
    private static bool IsFatBootSector(ReadOnlySpan<byte> sector) =>
        BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]) != 0 && sector[16] != 0 && sector[21] is >= 0xf8 or 0xf0;

    /// <summary>The four of a sector. Starts and lengths in sectors of 512 bytes.</summary>
    internal static Entry[] Entries(ReadOnlySpan<byte> sector, ulong blockSectors)
    {
        var entries = new Entry[4];
        for (int i = 0; i < entries.Length; i++)
        {
            var bytes = sector.Slice(TableOffset + i * EntrySize, EntrySize);
            entries[i] = new Entry(bytes[0], bytes[4], BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) * blockSectors,
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) * blockSectors);
        }
        return entries;
    }
}
