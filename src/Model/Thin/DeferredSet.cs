namespace DmSim.Model.Thin;

/// <summary>
/// struct dm_deferred_set: work that waits until all I/O that was on the way when it came is done; I/O that comes later does not
/// hold it up (drivers/md/dm-bio-prison-v1.c, 6.1).
/// </summary>
internal sealed class DeferredSet
{
    /// <summary>DEFERRED_SET_SIZE.</summary>
    private const int Size = 64;

    private readonly DeferredEntry[] _entries;
    private int _current;
    private int _sweeper;

    public DeferredSet()
    {
        _entries = new DeferredEntry[Size];
        for (int i = 0; i < Size; i++)
            _entries[i] = new DeferredEntry();
    }

    /// <summary>dm_deferred_entry_inc: some I/O starts.</summary>
    public DeferredEntry Enter()
    {
        var entry = _entries[_current];
        entry.Count++;
        return entry;
    }

    /// <summary>dm_deferred_entry_dec: it is done. Answers the work that can go on now, in the kernel's order: the latest first.</summary>
    public NewMapping[] Leave(DeferredEntry entry)
    {
        if (entry.Count == 0)
            throw new InvalidOperationException("more I/O ended than was started");
        entry.Count--;
        List<NewMapping>? ready = null;
        while (_entries[_sweeper].Count == 0)
        {
            var work = _entries[_sweeper].Work;
            if (work.Count > 0)
            {
                (ready ??= []).InsertRange(0, work);
                work.Clear();
            }
            if (_sweeper == _current)
                break;
            _sweeper = (_sweeper + 1) % Size;
        }
        return ready is null ? [] : [.. ready];
    }

    /// <summary>dm_deferred_set_add_work: false when no I/O is on the way and the work need not wait.</summary>
    public bool TryAdd(NewMapping work)
    {
        if (_sweeper == _current && _entries[_current].Count == 0)
            return false;
        _entries[_current].Work.Insert(0, work);
        int next = (_current + 1) % Size;
        if (_entries[next].Count == 0)
            _current = next;
        return true;
    }
}

/// <summary>struct dm_deferred_entry: I/O that started together.</summary>
internal sealed class DeferredEntry
{
    public int Count { get; set; }
    public List<NewMapping> Work { get; } = [];
}
