namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_exception: a chunk of the origin that is elsewhere, and how many follow it there (drivers/md/dm-exception-store.h, 6.1).
/// </summary>
internal class SnapException(ulong oldChunk, ulong newChunk)
{
    /// <summary>DM_CHUNK_NUMBER_BITS.</summary>
    private const int NumberBits = 56;

    private const ulong One = 1UL << NumberBits;

    public ulong OldChunk { get; set; } = oldChunk;

    /// <summary>The chunk on the COW device; its top 8 bits count the chunks that follow. A store may say anything here.</summary>
    public ulong NewChunk { get; set; } = newChunk;

    /// <summary>The next one of its slot in an <see cref="ExceptionTable"/>.</summary>
    public SnapException? Next { get; set; }

    /// <summary>dm_chunk_number.</summary>
    public ulong NewNumber => NewChunk & (One - 1);

    /// <summary>dm_consecutive_chunk_count.</summary>
    public uint Consecutive => (uint)(NewChunk >> NumberBits);

    /// <summary>dm_consecutive_chunk_count_inc.</summary>
    public void IncrementConsecutive() => NewChunk = unchecked(NewChunk + One);

    /// <summary>dm_consecutive_chunk_count_dec.</summary>
    public void DecrementConsecutive() => NewChunk -= One;

    public bool Covers(ulong chunk) => chunk >= OldChunk && chunk <= unchecked(OldChunk + Consecutive);

    /// <summary>Where a chunk of this exception is on the COW device.</summary>
    public ulong NewChunkOf(ulong chunk) => unchecked(NewNumber + (chunk - OldChunk));
}
