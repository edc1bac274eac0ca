using System.Buffers.Binary;
using System.Text;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>The GUID partition table, GPT, of UEFI (block/partitions/efi.c, 6.1): a header, its entries, and a copy of both at the end.</summary>
internal static class GuidTable
{
    private const ulong PrimaryHeader = 1;
    private const ulong Signature = 0x5452415020494645;
    private const uint HeaderSize = 92;
    private const int EntrySize = 128;
    private const int LabelCharacters = 36;

    /// <summary>KMALLOC_MAX_SIZE: entries that take more are not believed.</summary>
    private const ulong MaxEntryBytes = 4 << 20;

    /// <summary>A header and its entries, both with the right checksums.</summary>
    private sealed record Table(byte[] Header, byte[] Entries)
    {
        public ulong MyLba => Long(24);
        public ulong AlternateLba => Long(32);
        public ulong FirstUsable => Long(40);
        public ulong LastUsable => Long(48);
        public ReadOnlySpan<byte> DiskGuid => Header.AsSpan(56, 16);
        public uint EntryCount => Int(80);
        public uint EntryBytes => Int(84);
        public uint EntriesChecksum => Int(88);

        private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Header.AsSpan(offset));
        private uint Int(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Header.AsSpan(offset));
    }

    /// <summary>efi_partition. True when the disk has such a table.</summary>
    public static bool Read(PartitionTable table)
    {
        if (table.ReadSector(0) is not { } sector || !HasProtectiveEntry(sector.Span) || ReadTable(table, PrimaryHeader) is not { } primary)
            return false;
        ulong last = LastLba(table);
        var alternate = ReadTable(table, primary.AlternateLba);
        if (alternate is not null)
            Compare(table, primary, alternate, last);
        else
            table.Disk.Kernel.Log.Write(4, "Alternate GPT is invalid, using primary GPT.");
        for (int i = 0; i < Math.Min(primary.EntryCount, PartitionTable.DISK_MAX_PARTS - 1); i++)
        {
            var bytes = primary.Entries.AsSpan(i * EntrySize, EntrySize);
            ulong start = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), end = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
            if (bytes[..16].IndexOfAnyExcept((byte)0) < 0 || start > last || end > last)
                continue;
            ulong length = unchecked(end - start + 1);
            table.Put(new PartitionEntry(i + 1, start * table.BlockSectors, unchecked(length * table.BlockSectors), Label(bytes[56..])));
        }
        return true;
    }

    private static ulong LastLba(PartitionTable table) => table.Disk.Capacity.ToBytes().Value / table.Disk.Limits.LogicalBlockSize - 1;

    /// <summary>is_pmbr_valid: sector 0 is a PC's table that says the disk is taken.</summary>
    private static bool HasProtectiveEntry(ReadOnlySpan<byte> sector) => MsdosTable.HasMagic(sector)
        && Array.Exists(MsdosTable.Entries(sector, blockSectors: 1), entry => entry.Type == MsdosTable.EfiProtective && entry.Start == PrimaryHeader);

    /// <summary>is_gpt_valid. Null when it is not.</summary>
    private static Table? ReadTable(PartitionTable table, ulong lba)
    {
        ulong last = LastLba(table);
        int block = (int)table.Disk.Limits.LogicalBlockSize;
        if (lba > last || table.ReadSectors(lba * table.BlockSectors, block) is not { } header
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != Signature)
            return null;
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        if (size > block || size < HeaderSize)
            return null;
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
        header.AsSpan(16, 4).Clear();
        var found = new Table(header, []);
        if (Crc32(header.AsSpan(0, (int)size)) != checksum || found.MyLba != lba || found.FirstUsable > last || found.LastUsable > last
            || found.LastUsable < found.FirstUsable || found.EntryBytes != EntrySize)
            return null;
        ulong bytes = (ulong)found.EntryCount * EntrySize, at = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(72));
        if (bytes is 0 or > MaxEntryBytes || at > last || table.ReadSectors(at * table.BlockSectors, (int)bytes) is not { } entries
            || Crc32(entries) != found.EntriesChecksum)
            return null;
        return found with { Entries = entries };
    }

    /// <summary>compare_gpts: what does not match is told.</summary>
    private static void Compare(PartitionTable table, Table primary, Table alternate, ulong last)
    {
        bool wrong = false;
        void Tell(params string[] lines)
        {
            foreach (string line in lines)
                table.Disk.Kernel.Log.Write(4, line);
            wrong = true;
        }
        if (primary.MyLba != alternate.AlternateLba)
            Tell("GPT:Primary header LBA != Alt. header alternate_lba", $"GPT:{primary.MyLba} != {alternate.AlternateLba}");
        if (primary.AlternateLba != alternate.MyLba)
            Tell("GPT:Primary header alternate_lba != Alt. header my_lba", $"GPT:{primary.AlternateLba} != {alternate.MyLba}");
        if (primary.FirstUsable != alternate.FirstUsable)
            Tell("GPT:first_usable_lbas don't match.", $"GPT:{primary.FirstUsable} != {alternate.FirstUsable}");
        if (primary.LastUsable != alternate.LastUsable)
            Tell("GPT:last_usable_lbas don't match.", $"GPT:{primary.LastUsable} != {alternate.LastUsable}");
        if (!primary.DiskGuid.SequenceEqual(alternate.DiskGuid))
            Tell("GPT:disk_guids don't match.");
        if (primary.EntryCount != alternate.EntryCount)
            Tell($"GPT:num_partition_entries don't match: 0x{primary.EntryCount:x} != 0x{alternate.EntryCount:x}");
        if (primary.EntriesChecksum != alternate.EntriesChecksum)
            Tell($"GPT:partition_entry_array_crc32 values don't match: 0x{primary.EntriesChecksum:x} != 0x{alternate.EntriesChecksum:x}");
        if (primary.AlternateLba != last)
            Tell("GPT:Primary header thinks Alt. header is not at the end of the disk.", $"GPT:{primary.AlternateLba} != {last}");
        if (alternate.MyLba != last)
            Tell("GPT:Alternate GPT header not at the end of the disk.", $"GPT:{alternate.MyLba} != {last}");
        if (wrong)
            Tell("GPT: Use GNU Parted to correct GPT errors.");
    }

    /// <summary>utf16_le_to_7bit: seven bits of each character, and a mark where that is none to be shown.</summary>
    private static string Label(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < LabelCharacters && (name[2 * i] & 0x7f) != 0; i++)
        {
            char c = (char)(name[2 * i] & 0x7f);
            text.Append(c is >= ' ' and <= '~' ? c : '!');
        }
        return text.ToString();
    }

    /// <summary>efi_crc32: that of Ethernet.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint reversedPolynomial = 0xedb88320;
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * reversedPolynomial);
        }
        return ~crc;
    }
}
