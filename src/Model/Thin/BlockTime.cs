namespace DmSim.Model.Thin;

/// <summary>
/// What a mapping tree holds for a virtual block: its data block in the upper 40 bits, and in the lower 24 the pool's time when
/// it was put there (pack_block_time, unpack_block_time).
/// </summary>
internal readonly record struct BlockTime(ulong Packed)
{
    public const int TimeBits = 24;

    public BlockTime(DataBlock block, uint time)
        : this(unchecked(block.Value << TimeBits) | time)
    {
    }

    public DataBlock Block => new(Packed >> TimeBits);

    public uint Time => (uint)(Packed & ((1 << TimeBits) - 1));
}
