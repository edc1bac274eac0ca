using System.Numerics;

namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_exception_table: exceptions by old chunk. In a table with a shift, chunks that follow each other on both devices share one
/// exception, and slots hold neighbours (drivers/md/dm-snap.c, 6.1).
/// </summary>
internal sealed class ExceptionTable
{
    /// <summary>calc_max_buckets.</summary>
    private const ulong MaxSlots = 2 * 1024 * 1024 / 8;

    private const ulong MinSlots = 64;

    private readonly SnapException?[] _slots;
    private readonly int _shift;

    private ExceptionTable(ulong slots, int shift)
    {
        _slots = new SnapException?[slots];
        _shift = shift;
    }

    /// <summary>init_hash_tables: one table for what is complete, a smaller one for what is under way.</summary>
    public static (ExceptionTable Complete, ExceptionTable Pending) Create(ulong cowSectors, int chunkShift)
    {
        ulong slots = Math.Max(Math.Min(cowSectors >> chunkShift, MaxSlots), MinSlots);
        slots = 1UL << BitOperations.Log2(slots);
        const int consecutiveBits = 8;
        return (new ExceptionTable(slots, consecutiveBits), new ExceptionTable(Math.Max(slots >> 3, MinSlots), 0));
    }

    private ref SnapException? Slot(ulong chunk) => ref _slots[(chunk >> _shift) & ((ulong)_slots.Length - 1)];

    /// <summary>All chunks that have an exception, in ascending order.</summary>
    public IReadOnlyList<ulong> Chunks()
    {
        var chunks = new SortedSet<ulong>();
        foreach (var slot in _slots)
        {
            for (var e = slot; e is not null; e = e.Next)
            {
                for (ulong i = 0; i <= e.Consecutive; i++)
                    chunks.Add(unchecked(e.OldChunk + i));
            }
        }
        return [.. chunks];
    }

    /// <summary>dm_lookup_exception.</summary>
    public SnapException? Find(ulong chunk)
    {
        for (var e = Slot(chunk); e is not null; e = e.Next)
            if (e.Covers(chunk))
                return e;
        return null;
    }

    /// <summary>dm_insert_exception. False where the kernel stops at a BUG: a damaged store has made an exception too long.</summary>
    public bool Insert(SnapException added)
    {
        ref var slot = ref Slot(added.OldChunk);
        SnapException? last = null;
        for (var e = _shift == 0 ? null : slot; e is not null; last = e, e = e.Next)
        {
            if (added.OldChunk == unchecked(e.OldChunk + e.Consecutive + 1)
                && added.NewChunk == unchecked(e.NewNumber + e.Consecutive + 1))
            {
                e.IncrementConsecutive();
                return e.Consecutive != 0;
            }
            if (added.OldChunk == unchecked(e.OldChunk - 1) && added.NewChunk == unchecked(e.NewNumber - 1))
            {
                e.IncrementConsecutive();
                e.OldChunk = unchecked(e.OldChunk - 1);
                e.NewChunk = unchecked(e.NewChunk - 1);
                return e.Consecutive != 0;
            }
            if (added.OldChunk < e.OldChunk)
                break;
        }
        if (last is null)
        {
            added.Next = slot;
            slot = added;
        }
        else
        {
            added.Next = last.Next;
            last.Next = added;
        }
        return true;
    }

    /// <summary>dm_remove_exception.</summary>
    public void Remove(SnapException removed)
    {
        if (TryRemove(ref Slot(removed.OldChunk), removed))
            return;
        // Merging has moved its beginning on, into what would be another slot: only exceptions of damaged stores reach so far.
        for (int i = 0; i < _slots.Length; i++)
            if (TryRemove(ref _slots[i], removed))
                return;
        throw new InvalidOperationException($"exception of chunk {removed.OldChunk} is in no slot");
    }

    private static bool TryRemove(ref SnapException? slot, SnapException removed)
    {
        if (slot == removed)
        {
            slot = removed.Next;
            return true;
        }
        for (var before = slot; before is not null; before = before.Next)
        {
            if (before.Next != removed)
                continue;
            before.Next = removed.Next;
            return true;
        }
        return false;
    }
}
