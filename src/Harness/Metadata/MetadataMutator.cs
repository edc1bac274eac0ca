using System.Buffers.Binary;
using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Model.PersistentData;

namespace DmSim.Harness.Metadata;

/// <summary>
/// Damages pool metadata: in every field of superblock, btree nodes, bitmaps and index, with the checksum put right afterwards, so that
/// the damage gets past it, or without. The same choices make the same damage.
/// </summary>
internal static class MetadataMutator
{
    private const int BlockBytes = BlockManager.BlockSize;
    private const int LocationOffset = 8;

    /// <summary>Where structures are fields: offset and size (struct thin_disk_superblock, btree node_header, metadata_index).</summary>
    private sealed record Kind(string Name, uint Salt, (int Offset, int Size)[] Fields, int EntriesFrom, int EntryBytes);

    private static readonly Kind[] Kinds =
    [
        new("superblock", 160774,
            [(4, 4), (8, 8), (16, 8), (32, 8), (40, 4), (44, 4), (48, 8), (56, 8), (64, 8), (72, 8), (80, 8), (88, 8), (192, 8), (200, 8), (208, 8),
                (216, 8), (320, 8), (328, 8), (336, 4), (340, 4), (344, 8), (352, 4), (356, 4), (360, 4)], 364, 4),
        new("node", 121107, [(4, 4), (8, 8), (16, 4), (20, 4), (24, 4), (28, 4)], 32, 8),
        new("bitmap", 240779, [(4, 4), (8, 8)], 16, 1),
        new("index", 160478, [(4, 4), (8, 8)], 16, 4),
    ];

    /// <summary>The kind of a block whose checksum is right; null of any other.</summary>
    private static Kind? KindOf(ReadOnlySpan<byte> block)
    {
        foreach (var kind in Kinds)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(block) == Crc32c.Of(block[4..], kind.Salt))
                return kind;
        }
        return null;
    }

    /// <summary>What the block is, for whoever asks whether it still is anything.</summary>
    public static string? NameOf(ReadOnlySpan<byte> block) => KindOf(block)?.Name;

    /// <summary>Damages the image in place, once or a few times; says how.</summary>
    public static string Mutate(byte[] image, Choices choices)
    {
        var blocks = new List<(int Number, Kind Kind)>();
        for (int number = 0; number < image.Length / BlockBytes; number++)
        {
            if (KindOf(Block(image, number)) is { } kind)
                blocks.Add((number, kind));
        }
        if (blocks.Count == 0)
            return "nothing to damage";
        int times = choices.Weighted<int>([(1, 70), (2, 20), (4, 10)]);
        var said = new List<string>();
        for (int i = 0; i < times; i++)
        {
            var kinds = blocks.Select(b => b.Kind).Distinct().ToArray();
            var wanted = choices.AnyOf(kinds);
            var of = blocks.Where(b => b.Kind == wanted).ToArray();
            said.Add(MutateBlock(image, choices.AnyOf(of).Number, wanted, blocks, choices));
        }
        return string.Join("; ", said);
    }

    private static Span<byte> Block(byte[] image, int number) => image.AsSpan(number * BlockBytes, BlockBytes);

    private static string MutateBlock(byte[] image, int number, Kind kind, List<(int Number, Kind Kind)> blocks, Choices choices)
    {
        var block = Block(image, number);
        string how;
        switch (choices.Below(30))
        {
            case 0:
                block.Clear();
                return $"{kind.Name} {number} zeroed";
            case 1:
                int other = choices.AnyOf(blocks).Number;
                Block(image, other).CopyTo(block);
                how = string.Create(CultureInfo.InvariantCulture, $"became {other}");
                break;
            default:
                how = MutateField(block, kind, blocks, choices);
                break;
        }
        if (choices.Percent(25))
            return $"{kind.Name} {number} {how}, checksum left";
        // A block that names another place is refused before its checksum is looked at: often put that right, too.
        if (choices.Percent(70))
            BinaryPrimitives.WriteUInt64LittleEndian(block[LocationOffset..], (ulong)number);
        BinaryPrimitives.WriteUInt32LittleEndian(block, Crc32c.Of(block[4..], kind.Salt));
        return $"{kind.Name} {number} {how}";
    }

    private static string MutateField(Span<byte> block, Kind kind, List<(int Number, Kind Kind)> blocks, Choices choices)
    {
        var (offset, size) = choices.Percent(45) ? choices.AnyOf(kind.Fields) : Entry(block, kind, choices);
        ulong old = Read(block, offset, size);
        ulong value = unchecked(choices.Below(9) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => old + 1,
            3 => old - 1,
            4 => (ulong)choices.AnyOf(blocks).Number,
            5 => old ^ choices.Next(),
            6 => (ulong)choices.Below(300),
            _ => old ^ (1UL << choices.Below(8 * size)),
        });
        Write(block, offset, size, value);
        return string.Create(CultureInfo.InvariantCulture, $"byte {offset}: {old:x} to {Read(block, offset, size):x}");
    }

    /// <summary>A key or value in use where the kind has such, or any place behind the header.</summary>
    private static (int Offset, int Size) Entry(ReadOnlySpan<byte> block, Kind kind, Choices choices)
    {
        int room = (BlockBytes - kind.EntriesFrom) / kind.EntryBytes;
        int used = Math.Min(room, 24);
        if (kind.Name == "node")
        {
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(block[16..]), max = BinaryPrimitives.ReadUInt32LittleEndian(block[20..]);
            used = (int)Math.Clamp(count, 1, (uint)room);
            if (choices.Percent(60) && max < room)
                return (kind.EntriesFrom + 8 * (int)Math.Min(max + (uint)choices.Below(used), (uint)room - 1), 8);
        }
        return (kind.EntriesFrom + kind.EntryBytes * choices.Below(choices.Percent(80) ? used : room), kind.EntryBytes);
    }

    private static ulong Read(ReadOnlySpan<byte> block, int offset, int size) => size switch
    {
        1 => block[offset],
        4 => BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(block[offset..]),
    };

    private static void Write(Span<byte> block, int offset, int size, ulong value)
    {
        if (size == 1)
            block[offset] = unchecked((byte)value);
        else if (size == 4)
            BinaryPrimitives.WriteUInt32LittleEndian(block[offset..], unchecked((uint)value));
        else
            BinaryPrimitives.WriteUInt64LittleEndian(block[offset..], value);
    }
}
