using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Metadata;

/// <summary>
/// Damages the store of a snapshot: the fields of its header, its exceptions, whole chunks, and what a write that was cut off leaves. A store
/// has no checksums (struct disk_header, struct disk_exception, drivers/md/dm-snap-persistent.c, 6.1). The same choices make the same damage.
/// </summary>
internal static class StoreMutator
{
    private const int ExceptionBytes = 16;
    private const int ChunkSizeOffset = 12;

    private static readonly (string Name, int Offset)[] Header = [("magic", 0), ("valid", 4), ("version", 8), ("chunk size", ChunkSizeOffset)];

    /// <summary>
    /// 4 MiB. The kernel takes chunks of up to 1 GiB; whether it has memory for a whole one is another question than this.
    /// </summary>
    private const uint MostSectors = 1 << 13;

    /// <summary>The magic, the version and the chunk size of a store; null of what is none. Whether it is valid may change.</summary>
    public static (uint Magic, uint Version, uint ChunkSectors)? Identity(ReadOnlySpan<byte> image)
    {
        if (image.Length < ExceptionBytes || !image.StartsWith("SnAp"u8))
            return null;
        return (Read32(image, 0), Read32(image, 8), Read32(image, ChunkSizeOffset));
    }

    /// <summary>Damages the image of a store in place, once or a few times; says how.</summary>
    public static string Mutate(byte[] image, Choices choices)
    {
        int chunk = checked((int)new Sectors(Identity(image)!.Value.ChunkSectors).ToBytes().Value);
        int times = choices.Weighted<int>([(1, 60), (2, 25), (5, 15)]);
        var said = new List<string>();
        for (int i = 0; i < times; i++)
            said.Add(choices.Below(20) < 6 ? MutateHeader(image, choices) : choices.Below(14) < 9 ? MutateException(image, chunk, choices) : MutateChunk(image, chunk, choices));
        uint sectors = Read32(image, ChunkSizeOffset);
        if (BitOperations.IsPow2(sectors) && sectors is > MostSectors and <= int.MaxValue >> Sectors.Shift)
            Write32(image, ChunkSizeOffset, MostSectors);
        return string.Join("; ", said);
    }

    private static string MutateHeader(byte[] image, Choices choices)
    {
        var (name, offset) = choices.Weighted<(string, int)>([(Header[0], 2), (Header[1], 2), (Header[2], 2), (Header[3], 8)]);
        uint old = Read32(image, offset);
        uint value = unchecked(name == "chunk size" && choices.Percent(75)
            ? choices.Pick(0u, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, MostSectors, 3, 12, 1 << 22, 1u << 31, uint.MaxValue)
            : choices.Below(5) switch
            {
                0 => 0,
                1 => uint.MaxValue,
                2 => old + 1,
                3 => (uint)choices.Next(),
                _ => old ^ (1u << choices.Below(32)),
            });
        Write32(image, offset, value);
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {old:x} to {value:x}");
    }

    /// <summary>Chunks of exceptions: the first, and each behind those whose exceptions the one before has.</summary>
    private static List<int> Areas(byte[] image, int chunk)
    {
        var areas = new List<int>();
        for (long at = chunk; at + chunk <= image.Length; at += (long)chunk * (chunk / ExceptionBytes + 1))
            areas.Add((int)at);
        return areas;
    }

    private static string MutateException(byte[] image, int chunk, Choices choices)
    {
        var areas = Areas(image, chunk);
        if (areas.Count == 0)
            // The device ends within it.
            return MutateHeader(image, choices);
        int area = choices.Percent(80) ? areas[0] : choices.AnyOf(areas);
        int room = chunk / ExceptionBytes, used = 0;
        while (used < room && Read64(image, area + used * ExceptionBytes + 8) != 0)
            used++;
        int index = choices.Percent(80) ? choices.Below(Math.Min(room, used + 2)) : choices.Below(room);
        int exception = area + index * ExceptionBytes;
        if (choices.Percent(20))
        {
            int other = area + choices.Below(Math.Max(1, used)) * ExceptionBytes;
            byte[] kept = image[exception..(exception + ExceptionBytes)];
            image.AsSpan(other, ExceptionBytes).CopyTo(image.AsSpan(exception));
            if (choices.Percent(50))
                kept.CopyTo(image.AsSpan(other));
            return string.Create(CultureInfo.InvariantCulture, $"exception {index} as the one at {other}");
        }
        int field = exception + (choices.Percent(50) ? 0 : 8);
        ulong old = Read64(image, field);
        ulong chunks = (ulong)(image.Length / chunk);
        ulong value = unchecked(choices.Below(9) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => old + 1,
            3 => old - 1,
            4 => chunks,
            5 => choices.Next(),
            6 => 1UL << choices.Between(40, 63),
            7 => choices.Below(chunks),
            _ => old ^ (1UL << choices.Below(64)),
        });
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(field), value);
        return string.Create(CultureInfo.InvariantCulture, $"exception {index}, {(field == exception ? "old" : "new")} chunk: {old:x} to {value:x}");
    }

    /// <summary>A chunk that is another one, nothing, noise, or half of either.</summary>
    private static string MutateChunk(byte[] image, int chunk, Choices choices)
    {
        int chunks = image.Length / chunk;
        int number = choices.Percent(70) ? choices.Below(Math.Min(chunks, 3)) : choices.Below(chunks);
        var target = image.AsSpan(number * chunk, chunk);
        // What is written is whole sectors.
        int sectors = chunk / Sectors.BytesPerSector;
        int from = choices.Percent(50) ? 0 : choices.Below(sectors) * Sectors.BytesPerSector;
        string what;
        switch (choices.Below(3))
        {
            case 0:
                target[from..].Clear();
                what = "zeros";
                break;
            case 1:
                int other = choices.Below(chunks);
                image.AsSpan(other * chunk, chunk)[from..].CopyTo(target[from..]);
                what = string.Create(CultureInfo.InvariantCulture, $"chunk {other}");
                break;
            default:
                Pattern.Fill(target[from..], choices.Next() | 1);
                what = "noise";
                break;
        }
        return string.Create(CultureInfo.InvariantCulture, $"chunk {number} from byte {from} on became {what}");
    }

    private static uint Read32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);

    private static ulong Read64(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image[offset..]);

    private static void Write32(Span<byte> image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image[offset..], value);
}
