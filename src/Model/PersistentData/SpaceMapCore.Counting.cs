using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <content>
/// Counting up and down by ranges. Changing the overflow tree may need a block, and thus this very map: before that the bitmap is
/// unlocked. The changed index entry is saved only when the whole range in a bitmap is done; until then an allocation in between sees the
/// bitmap that the entry had before. The order of these steps decides which blocks are taken.
/// </content>
internal sealed partial class SpaceMapCore
{
    /// <summary>struct inc_context: what is held while a range in one bitmap is counted.</summary>
    private ref struct RangeContext
    {
        public ulong BitmapLocation;
        public uint FreeCount;
        public uint NoneFreeBefore;
        public MetadataBlock? Bitmap;
        public MetadataBlock? OverflowLeaf;
    }

    /// <summary>sm_ll_inc.</summary>
    /// <param name="begin">The first block.</param>
    /// <param name="end">The block after the last.</param>
    /// <param name="allocated">How many blocks had no reference before.</param>
    public Errno Increment(ulong begin, ulong end, out int allocated) => CountRange(begin, end, up: true, out allocated);

    /// <summary>sm_ll_dec.</summary>
    /// <param name="begin">The first block.</param>
    /// <param name="end">The block after the last.</param>
    /// <param name="allocated">Minus how many blocks have no reference any more.</param>
    public Errno Decrement(ulong begin, ulong end, out int allocated) => CountRange(begin, end, up: false, out allocated);

    private Errno CountRange(ulong begin, ulong end, bool up, out int allocated)
    {
        allocated = 0;
        while (begin != end)
        {
            var errno = CountsRanges ? CountInOneBitmap(ref begin, end, up, ref allocated) : CountOne(ref begin, up, ref allocated);
            if (errno != Errno.None)
                return errno;
        }
        return Errno.None;
    }

    /// <summary>__sm_ll_inc, __sm_ll_dec.</summary>
    private Errno CountInOneBitmap(ref ulong block, ulong end, bool up, ref int allocated)
    {
        ulong index = block / SpaceMapBitmap.Entries;
        uint first = (uint)(block % SpaceMapBitmap.Entries);
        var errno = _index.Load(index, out var entry);
        if (errno != Errno.None)
            return errno;
        var context = new RangeContext { FreeCount = entry.FreeCount, NoneFreeBefore = entry.NoneFreeBefore };
        errno = _manager.Shadow(entry.Location, SpaceMapBitmap.Validator, out var bitmap, out _);
        if (errno != Errno.None)
        {
            _log.Err(Module, "dm_tm_shadow_block() failed");
            return errno;
        }
        context.Bitmap = bitmap;
        context.BitmapLocation = bitmap.Location;
        uint after = (uint)Math.Min(unchecked(first + (end - block)), SpaceMapBitmap.Entries);
        errno = up
            ? IncrementEntries(block, first, after, ref context, ref allocated)
            : DecrementEntries(block, first, after, ref context, ref allocated);
        Unlock(ref context);
        if (errno != Errno.None)
            return errno;
        block = unchecked(block + (after - first));
        return _index.Save(index, new IndexEntry(context.BitmapLocation, context.FreeCount, context.NoneFreeBefore));
    }

    /// <summary>sm_ll_mutate (5.10): the count in the bitmap, then the overflow tree, then the index entry.</summary>
    private Errno CountOne(ref ulong block, bool up, ref int allocated)
    {
        ulong index = block / SpaceMapBitmap.Entries;
        uint bit = (uint)(block % SpaceMapBitmap.Entries);
        var errno = _index.Load(index, out var entry);
        if (errno != Errno.None)
            return errno;
        errno = _manager.Shadow(entry.Location, SpaceMapBitmap.Validator, out var shadow, out _);
        if (errno != Errno.None)
        {
            _log.Err(Module, "dm_tm_shadow_block() failed");
            return errno;
        }
        var bitmap = new SpaceMapBitmap(shadow.Data);
        uint old = bitmap.Get(bit);
        if (old == SpaceMapBitmap.Many)
            errno = GetOverflowCount(block, ref old);
        if (errno == Errno.None && !up && old == 0)
        {
            _log.ErrLimited("dec_ref_count", 0, Module, "unable to decrement a reference count below 0");
            errno = Errno.EINVAL;
        }
        uint count = unchecked(up ? old + 1 : old - 1);
        if (errno == Errno.None)
            bitmap.Set(bit, Math.Min(count, SpaceMapBitmap.Many));
        _manager.Unlock(shadow);
        if (errno == Errno.None)
            errno = SetOverflowCount(block, old, count);
        if (errno != Errno.None)
            return errno;
        int taken = old == 0 && count != 0 ? 1 : old != 0 && count == 0 ? -1 : 0;
        allocated += taken;
        AllocatedCount = unchecked(AllocatedCount + (ulong)taken);
        uint noneFreeBefore = taken < 0 ? Math.Min(entry.NoneFreeBefore, bit)
            : taken > 0 && entry.NoneFreeBefore == bit ? bit + 1 : entry.NoneFreeBefore;
        block = unchecked(block + 1);
        return _index.Save(index, new IndexEntry(shadow.Location, unchecked(entry.FreeCount - (uint)taken), noneFreeBefore));
    }

    private Errno SetOverflowCount(ulong block, uint old, uint count)
    {
        if (count < SpaceMapBitmap.Many)
            return old < SpaceMapBitmap.Many ? Errno.None : _overflow.Remove(ref _overflowRoot, [block]);
        return InsertOverflow(block, count);
    }

    /// <summary>sm_ll_inc_bitmap.</summary>
    private Errno IncrementEntries(ulong block, uint first, uint after, ref RangeContext context, ref int allocated)
    {
        for (uint entry = first; entry != after; entry++, block = unchecked(block + 1))
        {
            var errno = EnsureBitmap(ref context);
            if (errno != Errno.None)
                return errno;
            var bitmap = new SpaceMapBitmap(context.Bitmap!.Data);
            uint old = bitmap.Get(entry);
            if (old < SpaceMapBitmap.Many)
                bitmap.Set(entry, old + 1);
            if (old == 0)
            {
                allocated++;
                AllocatedCount = unchecked(AllocatedCount + 1);
                context.FreeCount = unchecked(context.FreeCount - 1);
                if (context.NoneFreeBefore == entry)
                    context.NoneFreeBefore = entry + 1;
            }
            else if (old == 2)
            {
                Unlock(ref context);
                errno = InsertOverflow(block, SpaceMapBitmap.Many);
            }
            else if (old == SpaceMapBitmap.Many)
            {
                errno = IncrementOverflow(block, ref context);
            }
            if (errno != Errno.None)
                return errno;
        }
        return Errno.None;
    }

    private Errno InsertOverflow(ulong block, uint count)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, count);
        var errno = _overflow.Insert(ref _overflowRoot, [block], value);
        if (errno != Errno.None)
            _log.Err(Module, "ref count insert failed");
        return errno;
    }

    /// <summary>sm_ll_inc_overflow: the leaf that the block before was found in will often do.</summary>
    private Errno IncrementOverflow(ulong block, ref RangeContext context)
    {
        if (!FindInHeldLeaf(block, ref context, out int index))
        {
            var errno = GetOverflowLeaf(block, ref context, out index);
            if (errno != Errno.None)
                return errno;
        }
        var leaf = new BtreeNode(context.OverflowLeaf!.Data);
        long offset = leaf.ValueOffset(index);
        LittleEndian.WriteU32(leaf.Block, offset, unchecked(LittleEndian.ReadU32(leaf.Block, offset) + 1));
        return Errno.None;
    }

    /// <summary>sm_ll_dec_bitmap.</summary>
    private Errno DecrementEntries(ulong block, uint first, uint after, ref RangeContext context, ref int allocated)
    {
        for (uint entry = first; entry != after; entry++, block = unchecked(block + 1))
        {
            var errno = EnsureBitmap(ref context);
            if (errno != Errno.None)
                return errno;
            var bitmap = new SpaceMapBitmap(context.Bitmap!.Data);
            switch (bitmap.Get(entry))
            {
                case 0:
                    _log.Err(Module, "unable to decrement block");
                    return Errno.EINVAL;
                case 1:
                    bitmap.Set(entry, 0);
                    allocated--;
                    AllocatedCount = unchecked(AllocatedCount - 1);
                    context.FreeCount = unchecked(context.FreeCount + 1);
                    context.NoneFreeBefore = Math.Min(context.NoneFreeBefore, entry);
                    break;
                case 2:
                    bitmap.Set(entry, 1);
                    break;
                default:
                    errno = DecrementOverflow(block, entry, ref context);
                    if (errno != Errno.None)
                        return errno;
                    break;
            }
        }
        return Errno.None;
    }

    /// <summary>sm_ll_dec_overflow; a count that falls to two moves back to the bitmap.</summary>
    private Errno DecrementOverflow(ulong block, uint entry, ref RangeContext context)
    {
        bool held = FindInHeldLeaf(block, ref context, out int index);
        var errno = held ? Errno.None : GetOverflowLeaf(block, ref context, out index);
        if (errno != Errno.None)
            return errno;
        var leaf = new BtreeNode(context.OverflowLeaf!.Data);
        long offset = leaf.ValueOffset(index);
        uint old = LittleEndian.ReadU32(leaf.Block, offset);
        // Counts below three do not belong here; the kernel removes or lowers them depending on how it came to the leaf.
        bool remove = held ? old <= SpaceMapBitmap.Many : old == SpaceMapBitmap.Many;
        if (!remove)
        {
            LittleEndian.WriteU32(leaf.Block, offset, unchecked(old - 1));
            return Errno.None;
        }
        Unlock(ref context);
        errno = _overflow.Remove(ref _overflowRoot, [block]);
        if (errno != Errno.None || old != SpaceMapBitmap.Many)
            return errno;
        errno = EnsureBitmap(ref context);
        if (errno == Errno.None)
            new SpaceMapBitmap(context.Bitmap!.Data).Set(entry, 2);
        return errno;
    }

    private static bool FindInHeldLeaf(ulong block, ref RangeContext context, out int index)
    {
        index = -1;
        if (context.OverflowLeaf is null)
            return false;
        var leaf = new BtreeNode(context.OverflowLeaf.Data);
        index = leaf.LowerBound(block);
        return leaf.HasKeyAt(block, index);
    }

    /// <summary>The leaf of the overflow tree with the block's count, shadowed and held.</summary>
    private Errno GetOverflowLeaf(ulong block, ref RangeContext context, out int index)
    {
        Unlock(ref context);
        var errno = _overflow.GetOverwriteLeaf(ref _overflowRoot, block, out index, out var leaf);
        if (errno == Errno.None)
            context.OverflowLeaf = leaf;
        return errno;
    }

    /// <summary>ensure_bitmap: the shadow was made when the range began, so a plain lock will do.</summary>
    private Errno EnsureBitmap(ref RangeContext context)
    {
        if (context.Bitmap is not null)
            return Errno.None;
        var errno = _manager.RelockShadow(context.BitmapLocation, SpaceMapBitmap.Validator, out var bitmap);
        if (errno != Errno.None)
        {
            _log.Err(Module, "unable to re-get write lock for bitmap");
            return errno;
        }
        context.Bitmap = bitmap;
        return Errno.None;
    }

    /// <summary>reset_inc_context.</summary>
    private void Unlock(ref RangeContext context)
    {
        if (context.Bitmap is not null)
            _manager.Unlock(context.Bitmap);
        if (context.OverflowLeaf is not null)
            _manager.Unlock(context.OverflowLeaf);
        context.Bitmap = null;
        context.OverflowLeaf = null;
    }
}
