using System.Numerics;

namespace DmSim.Model.Snapshots;

/// <summary>What became of a chunk that was merged (<see cref="ExceptionTable.RemoveChunk"/>).</summary>
internal enum RemovedChunk
{
    Done,
    NotThere,
    InTheMiddle,
}

/// <summary>
/// struct dm_exception_table for exceptions that stand: by old chunk, neighbours in one slot; chunks that follow each other on both
/// devices share one exception (drivers/md/dm-snap.c, 6.1). A slot is a list there and an array in the same order here, which is
/// searched by halves as long as its exceptions are apart, as a kernel writes them. A damaged store may say otherwise: then the first
/// of the list counts.
/// </summary>
internal sealed class ExceptionTable
{
    /// <summary>calc_max_buckets.</summary>
    private const ulong MaxSlots = 2 * 1024 * 1024 / 8;

    private const ulong MinSlots = 64;

    /// <summary>DM_CHUNK_CONSECUTIVE_BITS: so many bits of the chunk do not choose the slot.</summary>
    private const int Shift = 8;

    private readonly Slot[] _slots;
    private bool _overlapping;

    private struct Slot
    {
        public SnapException[]? Exceptions;
        public int Count;
    }

    /// <summary>init_hash_tables.</summary>
    public ExceptionTable(ulong cowSectors, int chunkShift)
    {
        ulong slots = Math.Max(Math.Min(cowSectors >> chunkShift, MaxSlots), MinSlots);
        _slots = new Slot[1UL << BitOperations.Log2(slots)];
    }

    private ref Slot SlotOf(ulong chunk) => ref _slots[(chunk >> Shift) & ((ulong)_slots.Length - 1)];

    /// <summary>All chunks that have an exception, in ascending order.</summary>
    public IReadOnlyList<ulong> Chunks()
    {
        var chunks = new SortedSet<ulong>();
        foreach (var slot in _slots)
        {
            for (int at = 0; at < slot.Count; at++)
            {
                var e = slot.Exceptions![at];
                for (ulong i = 0; i <= e.Consecutive; i++)
                    chunks.Add(unchecked(e.OldChunk + i));
            }
        }
        return [.. chunks];
    }

    /// <summary>dm_lookup_exception.</summary>
    public SnapException? Find(ulong chunk)
    {
        ref var slot = ref SlotOf(chunk);
        int at = IndexOf(slot, chunk);
        return at < 0 ? null : slot.Exceptions![at];
    }

    /// <summary>The exception that covers the chunk, or -1.</summary>
    private int IndexOf(in Slot slot, ulong chunk)
    {
        if (!_overlapping)
        {
            int before = CountUpTo(slot, chunk) - 1;
            return before >= 0 && slot.Exceptions![before].Covers(chunk) ? before : -1;
        }
        for (int i = 0; i < slot.Count; i++)
            if (slot.Exceptions![i].Covers(chunk))
                return i;
        return -1;
    }

    /// <summary>How many of the slot begin no later than the chunk.</summary>
    private static int CountUpTo(in Slot slot, ulong chunk)
    {
        int low = 0, high = slot.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (slot.Exceptions![middle].OldChunk <= chunk)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>dm_insert_exception. False where the kernel stops at a BUG: a damaged store has made an exception too long.</summary>
    public bool Insert(SnapException added)
    {
        ref var slot = ref SlotOf(added.OldChunk);
        _overlapping |= added.Consecutive != 0 || IndexOf(slot, added.OldChunk) >= 0;
        int at = CountUpTo(slot, added.OldChunk);
        // The list is walked up to the first exception that begins later: that one may still be continued downwards. Apart from each
        // other, only the two next to the new one can be continued.
        for (int i = _overlapping ? 0 : Math.Max(at - 1, 0); i < Math.Min(at + 1, slot.Count); i++)
        {
            ref var e = ref slot.Exceptions![i];
            bool after = added.OldChunk == unchecked(e.OldChunk + e.Consecutive + 1)
                && added.NewChunk == unchecked(e.NewNumber + e.Consecutive + 1);
            bool before = added.OldChunk == unchecked(e.OldChunk - 1) && added.NewChunk == unchecked(e.NewNumber - 1);
            if (!after && !before)
                continue;
            e = after ? e.Longer : new SnapException(added.OldChunk, unchecked(e.Longer.NewChunk - 1));
            return e.Consecutive != 0;
        }
        Insert(ref slot, at, added);
        return true;
    }

    private static void Insert(ref Slot slot, int at, SnapException added)
    {
        const int first = 2;
        if (slot.Exceptions is null)
            slot.Exceptions = new SnapException[first];
        else if (slot.Count == slot.Exceptions.Length)
            // Half as much again: memory counts for more than copying.
            Array.Resize(ref slot.Exceptions, slot.Count + slot.Count / 2 + 1);
        Array.Copy(slot.Exceptions, at, slot.Exceptions, at + 1, slot.Count - at);
        slot.Exceptions[at] = added;
        slot.Count++;
    }

    /// <summary>__remove_single_exception_chunk: from either end of the exception that covers it, which is answered as it was.</summary>
    public RemovedChunk RemoveChunk(ulong chunk, out SnapException exception)
    {
        ref var slot = ref SlotOf(chunk);
        int at = IndexOf(slot, chunk);
        exception = at < 0 ? default : slot.Exceptions![at];
        if (at < 0)
            return RemovedChunk.NotThere;
        if (exception.Consecutive == 0)
        {
            slot.Count--;
            Array.Copy(slot.Exceptions!, at + 1, slot.Exceptions!, at, slot.Count - at);
            return RemovedChunk.Done;
        }
        if (chunk == exception.OldChunk)
            slot.Exceptions![at] = new SnapException(unchecked(chunk + 1), unchecked(exception.Shorter.NewChunk + 1));
        else if (chunk == exception.Last)
            slot.Exceptions![at] = exception.Shorter;
        else
            return RemovedChunk.InTheMiddle;
        return RemovedChunk.Done;
    }
}
