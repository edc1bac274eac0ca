namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_exception: a chunk of the origin that is elsewhere, and how many follow it there (drivers/md/dm-exception-store.h, 6.1).
/// </summary>
/// <param name="OldChunk">On the origin.</param>
/// <param name="NewChunk">On the COW device; its top 8 bits count the chunks that follow. A store may say anything here.</param>
internal readonly record struct SnapException(ulong OldChunk, ulong NewChunk)
{
    /// <summary>DM_CHUNK_NUMBER_BITS.</summary>
    private const int NumberBits = 56;

    private const ulong One = 1UL << NumberBits;

    /// <summary>dm_chunk_number.</summary>
    public ulong NewNumber => NewChunk & (One - 1);

    /// <summary>dm_consecutive_chunk_count.</summary>
    public uint Consecutive => (uint)(NewChunk >> NumberBits);

    /// <summary>The last chunk of it.</summary>
    public ulong Last => unchecked(OldChunk + Consecutive);

    /// <summary>dm_consecutive_chunk_count_inc.</summary>
    public SnapException Longer => this with { NewChunk = unchecked(NewChunk + One) };

    /// <summary>dm_consecutive_chunk_count_dec.</summary>
    public SnapException Shorter => this with { NewChunk = unchecked(NewChunk - One) };

    public bool Covers(ulong chunk) => chunk >= OldChunk && chunk <= Last;

    /// <summary>Where a chunk of this exception is on the COW device.</summary>
    public ulong NewChunkOf(ulong chunk) => unchecked(NewNumber + (chunk - OldChunk));
}
