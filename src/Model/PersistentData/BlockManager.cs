using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Reads, caches, checks and writes blocks of metadata: dm-block-manager.c over dm-bufio.c (6.1). What is changed stays in memory until
/// <see cref="Flush"/>, or until three quarters of the cache are changed blocks; nothing here makes one write wait for another but
/// Flush.
/// </summary>
/// <remarks>
/// In the kernel the cache is a fiftieth of memory; here it is a number of blocks. Neither can be seen from outside, unless somebody
/// else writes to the device.
/// </remarks>
public sealed class BlockManager
{
    public const int BlockSize = 4096;

    /// <summary>DM_BUFIO_WRITEBACK_RATIO.</summary>
    private const int WritebackRatio = 3;

    private const string Module = "block manager";

    // A block number is shifted to a sector number before the end of the device is looked at; the top bits fall out.
    private const ulong LocationMask = ulong.MaxValue >> 3;

    private readonly IMetadataStore _store;
    private readonly IMetadataLog _log;
    private readonly int _cachedBlocksMax;
    private readonly bool _keepsPlaces;
    private readonly BlockTable _table = new();
    private readonly List<MetadataBlock> _slots = [];
    private readonly BlockList _clean;
    private readonly BlockList _dirty;
    private readonly Stack<MetadataBlock> _spare = new();
    private readonly List<(MetadataBlock Block, Errno Error)> _underWay = [];
    private Errno _asyncWriteError;

    // Blocks by their slots in the order in which they were looked for, since the lists were put in order.
    private readonly int[] _touched = new int[256];
    private int _touchedCount;

    public BlockManager(IMetadataStore store, IMetadataLog log, int cachedBlocksMax = 4096, bool countsRanges = true, bool keepsPlaces = false)
    {
        CountsRanges = countsRanges;
        _keepsPlaces = keepsPlaces;
        _store = store;
        _log = log;
        _cachedBlocksMax = cachedBlocksMax;
        _clean = new BlockList(_slots);
        _dirty = new BlockList(_slots);
    }

    /// <summary>How often a block was looked for: as long as it stays the same, nothing was read or changed.</summary>
    internal ulong Uses { get; private set; }

    /// <summary><see cref="Profiles.KernelRule.SpaceMapsCountRanges"/>, for all that is built over this.</summary>
    internal bool CountsRanges { get; }

    /// <summary>dm_bm_set_read_only, dm_bm_set_read_write: refuses locks for writing, and flushes.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>dm_bm_nr_blocks: the size of the device.</summary>
    public ulong BlockCount => _store.BlockCount;

    /// <summary>bdev_read_only.</summary>
    public bool StoreIsReadOnly => _store.ReadOnly;

    internal IMetadataLog Log => _log;

    /// <summary>dm_bm_read_lock. Without a validator the block is not checked, unless it is known to be of some kind: then EINVAL.</summary>
    /// <param name="location">The block's number.</param>
    /// <param name="validator">What it must be.</param>
    /// <param name="block">To be given back with <see cref="Unlock"/>; nothing unless the answer is None.</param>
    public Errno ReadLock(ulong location, BlockValidator? validator, out MetadataBlock block)
    {
        var errno = ReadThrough(location, out block);
        if (errno != Errno.None)
            return errno;
        block.WriteLocked = false;
        return ValidateLocked(ref block, validator);
    }

    /// <summary>dm_bm_read_try_lock: EAGAIN when the block would have to be read first.</summary>
    public Errno ReadTryLock(ulong location, BlockValidator? validator, out MetadataBlock block)
    {
        var found = _table.Find(location);
        if (found is null)
        {
            block = null!;
            return Errno.EAGAIN;
        }
        Hold(found);
        block = found;
        block.WriteLocked = false;
        return ValidateLocked(ref block, validator);
    }

    /// <summary>dm_bm_write_lock.</summary>
    public Errno WriteLock(ulong location, BlockValidator? validator, out MetadataBlock block)
    {
        block = null!;
        if (ReadOnly)
            return Errno.EPERM;
        var errno = ReadThrough(location, out block);
        if (errno != Errno.None)
            return errno;
        block.WriteLocked = true;
        return ValidateLocked(ref block, validator);
    }

    /// <summary>dm_bm_write_lock_zero: the block starts anew, whatever was there.</summary>
    public Errno WriteLockZero(ulong location, BlockValidator? validator, out MetadataBlock block)
    {
        block = null!;
        if (ReadOnly)
            return Errno.EPERM;
        block = _table.Find(location)!;
        if (block is not null)
            Hold(block);
        else
            block = AddHeld(location);
        Array.Clear(block.Data);
        block.WriteLocked = true;
        block.Validator = validator;
        return Errno.None;
    }

    /// <summary>dm_bm_unlock.</summary>
    public void Unlock(MetadataBlock block)
    {
        if (block.WriteLocked && !block.Dirty)
        {
            PutInOrder();
            block.Dirty = true;
            if (!_keepsPlaces || block.List != _dirty)
                _dirty.MoveToNewest(block);
        }
        Release(block);
    }

    /// <summary>dm_bm_prefetch: brings a block into the cache, unchecked.</summary>
    public void Prefetch(ulong location)
    {
        if (_table.Find(location) is null && ReadThrough(location, out var block) == Errno.None)
            Release(block);
    }

    /// <summary>
    /// dm_bm_flush: writes what is changed, oldest use first, then flushes the device. Answers the first failure since the
    /// last flush.
    /// </summary>
    public Errno Flush()
    {
        if (ReadOnly)
            return Errno.EPERM;
        PutInOrder();
        WriteDirty();
        EndWrites();
        for (var block = _dirty.Oldest; block is not null; block = _dirty.Oldest)
            _clean.MoveToNewest(block);
        var written = _asyncWriteError;
        _asyncWriteError = Errno.None;
        // dm_io knows only whether a region failed.
        var flushed = _store.Flush() == Errno.None ? Errno.None : Errno.EIO;
        return written != Errno.None ? written : flushed;
    }

    /// <summary>
    /// dm_block_manager_reset: forgets every block, so that the next look is at the disk. Changed blocks are written first, even
    /// when read-only: they are either free in the last transaction, or what that transaction failed to write.
    /// </summary>
    public void Reset()
    {
        PutInOrder();
        WriteDirty();
        EndWrites();
        Drop(_clean, 0);
        Drop(_dirty, 1);
    }

    private void Drop(BlockList list, int number)
    {
        while (list.Oldest is { } block)
        {
            // An error path of the kernel that forgot to unlock: there it ends in a BUG_ON (dm-bufio.c, drop_buffers).
            if (block.HoldCount > 0)
                _log.Err("bufio", $"leaked buffer {block.Location:x}, hold count {block.HoldCount}, list {number}");
            Forget(block);
        }
    }

    private Errno ReadThrough(ulong location, out MetadataBlock block)
    {
        var found = _table.Find(location);
        if (found is not null)
        {
            Hold(found);
            block = found;
            return Errno.None;
        }
        block = AddHeld(location);
        EndWrites();
        block.ReadError = _store.Read(location & LocationMask, block.Data);
        if (block.ReadError == Errno.None)
            return Errno.None;
        var errno = block.ReadError;
        Release(block);
        return errno;
    }

    /// <summary>dm_bm_validate_buffer; unlocks when the block is not what it should be.</summary>
    private Errno ValidateLocked(ref MetadataBlock block, BlockValidator? validator)
    {
        if (ReferenceEquals(block.Validator, validator))
            return Errno.None;
        var errno = Validate(block, validator);
        if (errno == Errno.None)
            return Errno.None;
        // Not by Unlock: a lock that was not granted leaves no mark (bl_up_*, dm_bufio_release).
        Release(block);
        block = null!;
        return errno;
    }

    private Errno Validate(MetadataBlock block, BlockValidator? validator)
    {
        if (block.Validator is not null)
        {
            _log.ErrLimited("dm_bm_validate_buffer", 1, Module,
                $"validator mismatch (old={block.Validator.Name} vs new={validator?.Name ?? "NULL"}) for block {block.Location}");
            return Errno.EINVAL;
        }
        var errno = validator!.Check(block.Location, block.Data, _log);
        if (errno == Errno.None)
            block.Validator = validator;
        else
            _log.ErrLimited("dm_bm_validate_buffer", 0, Module, $"{validator.Name} validator check failed for block {block.Location}");
        return errno;
    }

    private void Hold(MetadataBlock block)
    {
        Uses++;
        block.HoldCount++;
        block.Referenced = true;
        if (_keepsPlaces && block.List == _dirty)
            return;
        if (_touchedCount == _touched.Length)
            PutInOrder();
        _touched[_touchedCount++] = block.Slot;
    }

    /// <summary>
    /// Moves what was looked for to the ends of the lists. Few blocks are looked for again and again, until somebody changes a list or asks
    /// for its order; of each only the last time counts.
    /// </summary>
    private void PutInOrder()
    {
        int first = _touchedCount;
        for (int i = _touchedCount - 1; i >= 0; i--)
        {
            var block = _slots[_touched[i]];
            if (block.IsMoved)
                continue;
            block.IsMoved = true;
            _touched[--first] = block.Slot;
        }
        for (; first < _touchedCount; first++)
        {
            var block = _slots[_touched[first]];
            block.IsMoved = false;
            if (!_keepsPlaces || block.List == _clean)
                (block.IsUnclean ? _dirty : _clean).MoveToNewest(block);
        }
        _touchedCount = 0;
    }

    /// <summary>dm_bufio_release: a block that could not be read or written is not worth keeping.</summary>
    private void Release(MetadataBlock block)
    {
        if (block.HoldCount <= 0)
            throw new InvalidOperationException("a metadata block was unlocked more often than locked");
        block.HoldCount--;
        if (block.HoldCount == 0 && !block.IsUnclean && (block.ReadError != Errno.None || block.WriteError != Errno.None))
            Forget(block);
    }

    /// <summary>__bufio_new for a block that is not in the cache.</summary>
    private MetadataBlock AddHeld(ulong location)
    {
        Uses++;
        PutInOrder();
        if (_dirty.Count > _clean.Count * WritebackRatio)
            WriteDirty(waits: false);
        EvictOldest();
        if (_spare.TryPop(out var block))
            block.Reuse(location);
        else
            _slots.Add(block = new MetadataBlock(location, new byte[BlockSize]) { Slot = _slots.Count });
        block.HoldCount = 1;
        _table.Add(block);
        _clean.MoveToNewest(block);
        return block;
    }

    private void EvictOldest()
    {
        if (_table.Count >= _cachedBlocksMax)
            EndWrites();
        var block = _clean.Oldest;
        while (_table.Count >= _cachedBlocksMax && block is not null)
        {
            var next = _clean.NewerThan(block);
            if (block.HoldCount == 0)
                Forget(block);
            block = next;
        }
    }

    private void Forget(MetadataBlock block)
    {
        PutInOrder();
        block.List!.Remove(block);
        _table.Remove(block);
        _spare.Push(block);
    }

    /// <summary>
    /// __move_clean_buffers (6.12): who was looked for lately is passed over once, and where somebody is taken out, there the list begins
    /// from then on (lru_evict).
    /// </summary>
    private void MoveClean()
    {
        var ring = new Queue<MetadataBlock>(_dirty.Count);
        for (var block = _dirty.Oldest; block is not null; block = _dirty.NewerThan(block))
            ring.Enqueue(block);
        bool turned = false;
        for (int passed = 0, tested = 0; tested < ring.Count;)
        {
            var block = ring.Dequeue();
            if (!block.Referenced && !block.IsUnclean && block.HoldCount == 0)
            {
                _clean.MoveToNewest(block);
                turned |= passed % (ring.Count + 1) != 0;
                (passed, tested) = (0, 0);
                continue;
            }
            if (!block.Referenced)
                tested++;
            block.Referenced = false;
            ring.Enqueue(block);
            passed++;
            if (tested == ring.Count)
                for (; passed % ring.Count != 0; passed++)
                    ring.Enqueue(ring.Dequeue());
        }
        if (turned)
            foreach (var block in ring)
                _dirty.MoveToNewest(block);
    }

    /// <summary>
    /// __write_dirty_buffers_async, __flush_write_list: what is found clean in the list of changed blocks leaves it. Who does not wait stops
    /// at a block that is being written.
    /// </summary>
    private void WriteDirty(bool waits = true)
    {
        if (_keepsPlaces)
            MoveClean();
        var written = new List<MetadataBlock>();
        MetadataBlock? next;
        for (var block = _dirty.Oldest; block is not null && (waits || !block.Writing); block = next)
        {
            next = _dirty.NewerThan(block);
            if (!block.IsUnclean && !_keepsPlaces)
                _clean.MoveToNewest(block);
            if (!block.Dirty)
                continue;
            if (block.Writing)
                EndWrites();
            block.Dirty = false;
            block.Writing = true;
            block.Validator?.PrepareForWrite(block.Location, block.Data);
            written.Add(block);
        }
        if (written.Count == 0)
            return;
        var errors = _store.WriteAll([.. written.Select(block => (block.Location & LocationMask, block.Data))]);
        for (int i = 0; i < errors.Count; i++)
        {
            written[i].Writing = !_store.WritesEndAtOnce;
            _underWay.Add((written[i], errors[i]));
        }
    }

    /// <summary>
    /// write_endio: nobody hears how a write ended before who made it sleeps, for a read or for all writes; then workers run.
    /// </summary>
    private void EndWrites()
    {
        foreach (var (block, error) in _underWay)
        {
            block.Writing = false;
            block.WriteError = error;
            if (_asyncWriteError == Errno.None)
                _asyncWriteError = error;
        }
        _underWay.Clear();
    }
}
