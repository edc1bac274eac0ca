using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Changes blocks without touching what the last transaction wrote: dm-transaction-manager.c (6.1). The first time in a transaction that
/// a block is to be changed it is copied to a free one, its shadow, which the caller then makes its parent point to.
/// </summary>
public sealed class TransactionManager
{
    private readonly BlockManager _blocks;
    private readonly ISpaceMap _space;
    private readonly BlockSet _shadows;
    private readonly PrefetchSet _prefetches;
    private readonly bool _nonBlocking;

    private TransactionManager(BlockManager blocks, ISpaceMap space, BlockSet shadows, PrefetchSet prefetches, bool nonBlocking)
    {
        _blocks = blocks;
        _space = space;
        _shadows = shadows;
        _prefetches = prefetches;
        _nonBlocking = nonBlocking;
    }

    private TransactionManager(BlockManager blocks, Func<TransactionManager, ISpaceMap> makeSpace)
    {
        _blocks = blocks;
        _shadows = new BlockSet();
        _prefetches = new PrefetchSet();
        _space = makeSpace(this);
    }

    public BlockManager Blocks => _blocks;

    /// <summary>dm_tm_create_with_sm: a fresh manager over all of the device behind the superblock, its space map in its own blocks.</summary>
    public static Errno Create(BlockManager blocks, ulong superblock, out TransactionManager manager, out MetadataSpaceMap space)
    {
        manager = With(blocks, out space);
        var errno = space.Create(blocks.BlockCount, superblock);
        if (errno != Errno.None)
            blocks.Log.Err("transaction manager", "couldn't create metadata space map");
        return errno;
    }

    /// <summary>dm_tm_open_with_sm.</summary>
    public static Errno Open(
        BlockManager blocks, ReadOnlySpan<byte> spaceMapRoot, out TransactionManager manager, out MetadataSpaceMap space)
    {
        manager = With(blocks, out space);
        var errno = space.Open(spaceMapRoot);
        if (errno != Errno.None)
            blocks.Log.Err("transaction manager", "couldn't open metadata space map");
        return errno;
    }

    private static TransactionManager With(BlockManager blocks, out MetadataSpaceMap space)
    {
        // The map and the manager need each other.
        MetadataSpaceMap? made = null;
        var manager = new TransactionManager(blocks, self => made = new MetadataSpaceMap(self));
        space = made!;
        return manager;
    }

    /// <summary>
    /// dm_tm_create_non_blocking_clone: reads what is in the cache and answers EAGAIN for all else, which <see cref="IssuePrefetches"/>
    /// then reads. For those who must not wait.
    /// </summary>
    public TransactionManager CreateNonBlockingClone() => new(_blocks, _space, _shadows, _prefetches, nonBlocking: true);

    /// <summary>dm_tm_issue_prefetches: reads what the clone did not find in the cache. Nobody hears of a failure.</summary>
    public void IssuePrefetches() => _prefetches.Issue(_blocks);

    /// <summary>dm_tm_pre_commit: everything but the superblock goes to disk.</summary>
    public Errno PreCommit()
    {
        RefuseIfClone();
        var errno = _space.Commit();
        return errno != Errno.None ? errno : _blocks.Flush();
    }

    /// <summary>dm_tm_commit: unlocks the superblock and writes it; the next transaction begins.</summary>
    public Errno Commit(MetadataBlock superblock)
    {
        RefuseIfClone();
        _shadows.Clear();
        _blocks.Unlock(superblock);
        return _blocks.Flush();
    }

    /// <summary>dm_tm_new_block: a zeroed block, locked for writing.</summary>
    public Errno NewBlock(BlockValidator validator, out MetadataBlock block)
    {
        RefuseIfClone();
        var errno = _space.NewBlock(out ulong location);
        if (errno != Errno.None)
        {
            block = null!;
            return errno;
        }
        errno = _blocks.WriteLockZero(location, validator, out block);
        if (errno != Errno.None)
        {
            _space.Decrement(location);
            return errno;
        }
        _shadows.Add(location);
        return Errno.None;
    }

    /// <summary>
    /// dm_tm_shadow_block: the block's shadow, locked for writing. When <paramref name="incrementChildren"/> is true others still use the
    /// original, and what it points to has one user more.
    /// </summary>
    public Errno Shadow(ulong original, BlockValidator validator, out MetadataBlock shadow, out bool incrementChildren)
    {
        RefuseIfClone();
        shadow = null!;
        var errno = _space.IsShared(original, out incrementChildren);
        if (errno != Errno.None)
            return errno;
        if (!incrementChildren && _shadows.Contains(original))
            return _blocks.WriteLock(original, validator, out shadow);
        errno = MakeShadow(original, validator, out shadow);
        if (errno == Errno.None)
            _shadows.Add(shadow.Location);
        return errno;
    }

    private Errno MakeShadow(ulong original, BlockValidator validator, out MetadataBlock shadow)
    {
        shadow = null!;
        var errno = _space.NewBlock(out ulong location);
        if (errno != Errno.None)
            return errno;
        errno = _space.Decrement(original);
        if (errno != Errno.None)
            return errno;
        errno = _blocks.ReadLock(original, validator, out var source);
        if (errno != Errno.None)
            return errno;
        errno = _blocks.WriteLockZero(location, validator, out shadow);
        if (errno == Errno.None)
            source.Data.AsSpan().CopyTo(shadow.Data);
        _blocks.Unlock(source);
        return errno;
    }

    /// <summary>dm_tm_read_lock.</summary>
    public Errno ReadLock(ulong location, BlockValidator validator, out MetadataBlock block)
    {
        if (!_nonBlocking)
            return _blocks.ReadLock(location, validator, out block);
        var errno = _blocks.ReadTryLock(location, validator, out block);
        if (errno == Errno.EAGAIN)
            _prefetches.Add(location);
        return errno;
    }

    /// <summary>dm_bm_write_lock of a block that has been shadowed in this transaction.</summary>
    internal Errno RelockShadow(ulong location, BlockValidator validator, out MetadataBlock block) =>
        _blocks.WriteLock(location, validator, out block);

    /// <summary>dm_tm_unlock.</summary>
    public void Unlock(MetadataBlock block) => _blocks.Unlock(block);

    /// <summary>dm_tm_inc. Its callers in the kernel cannot be told of a failure.</summary>
    public void Increment(ulong block) => _space.Increment(block);

    /// <summary>dm_tm_dec, deaf to failure too.</summary>
    public void Decrement(ulong block) => _space.Decrement(block);

    /// <summary>dm_tm_inc_range over the runs of consecutive blocks among numbers that lie one after another (dm_tm_with_runs).</summary>
    internal void IncrementRuns(byte[] data, long offset, uint count)
    {
        var runs = new BlockRuns(data, offset, count, shift: 0, _blocks.CountsRanges);
        while (runs.TryNext(out ulong begin, out ulong end))
            _space.Increment(begin, end);
    }

    /// <summary>dm_tm_dec_range over such runs.</summary>
    internal void DecrementRuns(byte[] data, long offset, uint count)
    {
        var runs = new BlockRuns(data, offset, count, shift: 0, _blocks.CountsRanges);
        while (runs.TryNext(out ulong begin, out ulong end))
            _space.Decrement(begin, end);
    }

    /// <summary>dm_tm_ref.</summary>
    public Errno GetCount(ulong block, out uint count)
    {
        RefuseIfClone();
        return _space.GetCount(block, out count);
    }

    /// <summary>dm_tm_block_is_shared.</summary>
    public Errno IsShared(ulong block, out bool shared)
    {
        RefuseIfClone();
        return _space.IsShared(block, out shared);
    }

    private void RefuseIfClone()
    {
        if (_nonBlocking)
            throw new InvalidOperationException("a non-blocking transaction manager only reads");
    }
}
