namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_exception_table for exceptions that are being copied: no chunk is covered by two of them, as each is looked for before the
/// next is made; the latest comes first (drivers/md/dm-snap.c, 6.1).
/// </summary>
internal sealed class PendingTable
{
    private readonly Dictionary<ulong, PendingException> _byChunk = [];

    // A store whose next free chunk has wrapped makes exceptions that seem to be followed by others.
    private readonly List<PendingException> _long = [];

    /// <summary>dm_lookup_exception.</summary>
    public PendingException? Find(ulong chunk) =>
        _byChunk.GetValueOrDefault(chunk) ?? _long.FindLast(pending => pending.Exception.Covers(chunk));

    public void Insert(PendingException pending)
    {
        _byChunk.Add(pending.Exception.OldChunk, pending);
        if (pending.Exception.Consecutive != 0)
            _long.Add(pending);
    }

    public void Remove(PendingException pending)
    {
        if (!_byChunk.Remove(pending.Exception.OldChunk))
            throw new InvalidOperationException($"no exception of chunk {pending.Exception.OldChunk} is pending");
        _long.Remove(pending);
    }
}
