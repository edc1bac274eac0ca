namespace DmSim.Model.PersistentData;

/// <summary>
/// Blocks that somebody looked for who must not wait, to be read ahead by somebody who may: struct prefetch_set
/// (dm-transaction-manager.c, 6.1). What shows of it are log lines of reads that fail, and the order of the cache.
/// </summary>
internal sealed class PrefetchSet
{
    /// <summary>PREFETCH_BITS.</summary>
    private const int Bits = 7;

    /// <summary>GOLDEN_RATIO_64 (include/linux/hash.h).</summary>
    private const ulong GoldenRatio = 0x61C8864680B583EB;

    /// <summary>PREFETCH_SENTINEL: a block of this number is never remembered.</summary>
    private const ulong Nothing = ulong.MaxValue;

    private readonly ulong[] _blocks = new ulong[1 << Bits];
    private bool _isEmpty;

    public PrefetchSet() => Wipe();

    /// <summary>prefetch_add: of two blocks with one hash the first stays.</summary>
    public void Add(ulong block)
    {
        ref ulong slot = ref _blocks[(int)(unchecked(block * GoldenRatio) >> (64 - Bits))];
        if (slot != Nothing)
            return;
        slot = block;
        _isEmpty = false;
    }

    /// <summary>prefetch_issue: in the order of their hashes.</summary>
    public void Issue(BlockManager blocks)
    {
        if (_isEmpty)
            return;
        foreach (ulong block in _blocks)
            if (block != Nothing)
                blocks.Prefetch(block);
        Wipe();
    }

    private void Wipe()
    {
        Array.Fill(_blocks, Nothing);
        _isEmpty = true;
    }
}
