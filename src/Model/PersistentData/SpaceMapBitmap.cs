using System.Numerics;

namespace DmSim.Model.PersistentData;

/// <summary>
/// A bitmap block of a space map: after 16 bytes of header two bits per entry, 0 to 2 for that many references and 3 for more. The lower
/// bit of a pair is the more significant one.
/// </summary>
internal readonly struct SpaceMapBitmap(byte[] block)
{
    public static readonly PlainBlockValidator Validator = new("sm_bitmap", 240779, "dm_bitmap_check", "bitmap check failed");

    public const uint Many = 3;

    /// <summary>entries_per_block.</summary>
    public const uint Entries = (BlockManager.BlockSize - HeaderBytes) * 4;

    private const int HeaderBytes = 16;
    private const int EntriesPerWord = 32;
    private const ulong LowerBits = 0x5555_5555_5555_5555;

    public uint Get(uint entry)
    {
        ulong pair = Word(entry) >> Shift(entry);
        return (uint)(((pair & 1) << 1) | ((pair >> 1) & 1));
    }

    public void Set(uint entry, uint value)
    {
        ulong pair = ((value >> 1) & 1) | ((value & 1) << 1);
        ulong others = Word(entry) & ~(3UL << Shift(entry));
        LittleEndian.WriteU64(block, WordOffset(entry), others | (pair << Shift(entry)));
    }

    /// <summary>sm_find_free: the first unused entry in [begin, end), or null.</summary>
    public uint? FindFree(uint begin, uint end)
    {
        while (begin < end)
        {
            ulong word = Word(begin);
            ulong free = ~(word | (word >> 1)) & LowerBits & (ulong.MaxValue << Shift(begin));
            if (free != 0)
            {
                uint found = (begin & ~(EntriesPerWord - 1u)) + (uint)BitOperations.TrailingZeroCount(free) / 2;
                return found < end ? found : null;
            }
            begin = (begin & ~(EntriesPerWord - 1u)) + EntriesPerWord;
        }
        return null;
    }

    private ulong Word(uint entry) => LittleEndian.ReadU64(block, WordOffset(entry));

    private static int WordOffset(uint entry) => HeaderBytes + (int)(entry / EntriesPerWord) * sizeof(ulong);

    private static int Shift(uint entry) => (int)(entry % EntriesPerWord) * 2;
}
