using System.Runtime.CompilerServices;

namespace DmSim.Model.PersistentData;

/// <summary>
/// A node of a btree as it lies in a block (dm-btree-internal.h): a header of 32 bytes, room for max_entries keys of 8 bytes, then the
/// values. An internal node's values are the blocks of its children.
/// </summary>
/// <remarks>
/// Sizes and counts come from disk. The validator has seen that max_entries keys and values fit in the block and that nr_entries is not
/// more; that siblings agree with each other, or values are of the size the tree expects, nobody has checked.
/// </remarks>
internal readonly struct BtreeNode(byte[] block)
{
    public const uint InternalFlag = 1;
    public const uint LeafFlag = 2;

    public const int HeaderBytes = 32;
    public const int KeyBytes = sizeof(ulong);

    private const int FlagsOffset = 4;
    private const int EntriesOffset = 16;
    private const int MaxEntriesOffset = 20;
    private const int ValueSizeOffset = 24;

    public byte[] Block { get; } = block;

    public uint Flags
    {
        get => LittleEndian.ReadU32(Block, FlagsOffset);
        set => LittleEndian.WriteU32(Block, FlagsOffset, value);
    }

    public bool IsInternal => (Flags & InternalFlag) != 0;

    public bool IsLeaf => (Flags & LeafFlag) != 0;

    /// <summary>nr_entries.</summary>
    public uint Count
    {
        get => LittleEndian.ReadU32(Block, EntriesOffset);
        set => LittleEndian.WriteU32(Block, EntriesOffset, value);
    }

    public uint MaxEntries
    {
        get => LittleEndian.ReadU32(Block, MaxEntriesOffset);
        set => LittleEndian.WriteU32(Block, MaxEntriesOffset, value);
    }

    public uint ValueSize
    {
        get => LittleEndian.ReadU32(Block, ValueSizeOffset);
        set => LittleEndian.WriteU32(Block, ValueSizeOffset, value);
    }

    /// <summary>How many entries a node gets: a multiple of three, for the sake of loops of insert and remove (calc_max_entries).</summary>
    public static uint MaxEntriesFor(uint valueSize) => (BlockManager.BlockSize - HeaderBytes) / (KeyBytes + valueSize) / 3 * 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Key(long index) => LittleEndian.ReadU64(Block, KeyOffset(index));

    public void SetKey(long index, ulong key) => LittleEndian.WriteU64(Block, KeyOffset(index), key);

    public static long KeyOffset(long index) => unchecked(HeaderBytes + KeyBytes * index);

    /// <summary>value_ptr: where the value is, by the size that the node itself states.</summary>
    public long ValueOffset(long index) => unchecked(KeyOffset(MaxEntries) + ValueSize * index);

    /// <summary>value64: the value as a block number, whatever the node says of its size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Child(long index) => LittleEndian.ReadU64(Block, unchecked(KeyOffset(MaxEntries) + sizeof(ulong) * index));

    /// <summary>Writes a child's block number over the entry (which value_ptr finds, as in the kernel).</summary>
    public void SetChild(long index, ulong location) => LittleEndian.WriteU64(Block, ValueOffset(index), location);

    /// <summary>The entry with this key, or else the last one below it: -1 when all are above (lower_bound).</summary>
    public int LowerBound(ulong key) => Search(key, wantHigher: false);

    /// <summary>The entry with this key, or else the first one above it: nr_entries when all are below (upper_bound).</summary>
    public int UpperBound(ulong key) => Search(key, wantHigher: true);

    private int Search(ulong key, bool wantHigher)
    {
        unchecked
        {
            int low = -1;
            int high = (int)Count;
            while (high - low > 1)
            {
                int middle = (low + high) >> 1;
                ulong found = Key(middle);
                if (found == key)
                    return middle;
                if (found < key)
                    low = middle;
                else
                    high = middle;
            }
            return wantHigher ? high : low;
        }
    }

    /// <summary>Whether the entry at this place exists and has this key.</summary>
    public bool HasKeyAt(ulong key, int index) => index >= 0 && (uint)index < Count && Key(index) == key;

    /// <summary>Takes over from another node what siblings have in common, and starts empty.</summary>
    public void BecomeEmptySiblingOf(BtreeNode other)
    {
        Flags = other.Flags;
        Count = 0;
        MaxEntries = other.MaxEntries;
        ValueSize = other.ValueSize;
    }

    /// <summary>
    /// Copies entries over the place of others, by this node's size of values; the two nodes may be one. The counts stay.
    /// </summary>
    public void CopyFrom(BtreeNode source, long sourceIndex, long index, long count)
    {
        unchecked
        {
            LittleEndian.Move(source.Block, KeyOffset(sourceIndex), Block, KeyOffset(index), count * KeyBytes);
            LittleEndian.Move(source.Block, source.ValueOffset(sourceIndex), Block, ValueOffset(index), count * ValueSize);
        }
    }

    /// <summary>
    /// insert_at: opens a gap and fills it. False when the node has no room, or the place is none. The value's size is the caller's, not
    /// the node's.
    /// </summary>
    public bool TryInsert(uint index, ulong key, ReadOnlySpan<byte> value)
    {
        unchecked
        {
            uint count = Count;
            uint max = MaxEntries;
            if (index > count || index >= max || count >= max)
                return false;
            long moved = count - index;
            long values = KeyOffset(max);
            if (moved > 0)
            {
                LittleEndian.Move(Block, KeyOffset(index), Block, KeyOffset(index + 1L), moved * KeyBytes);
                LittleEndian.Move(Block, values + index * (long)value.Length,
                    Block, values + (index + 1L) * value.Length, moved * value.Length);
            }
            SetKey(index, key);
            LittleEndian.Write(Block, values + index * (long)value.Length, value);
            Count = count + 1;
            return true;
        }
    }

    /// <summary>delete_at: closes the gap. False when there is no such entry, which is a BUG_ON in the kernel.</summary>
    public bool TryDelete(long index)
    {
        uint count = Count;
        if (index < 0 || index >= count)
            return false;
        CopyFrom(this, index + 1, index, count - index - 1);
        Count = count - 1;
        return true;
    }
}
