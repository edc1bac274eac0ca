using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <summary>Snapshots with one origin and one COW device, and whichever merges into the origin (__find_snapshots_sharing_cow).</summary>
/// <param name="Count">How many share the COW device.</param>
/// <param name="Source">One that is active, which can give its exceptions.</param>
/// <param name="Destination">One that is not yet, which can take them.</param>
internal readonly record struct SnapshotPair(int Count, Snapshot? Source, Snapshot? Destination, Snapshot? Merging);

/// <summary>
/// The snapshots of every origin, by its device; and the snapshot-origin targets that are at work (drivers/md/dm-snap.c, 6.1).
/// </summary>
internal sealed class SnapshotOrigins(SimulatedKernel kernel)
{
    /// <summary>rounddown_pow_of_two(UINT_MAX): no snapshot, no boundary.</summary>
    private const uint NoBoundary = 1u << 31;

    private readonly Dictionary<BlockDevice, List<Snapshot>> _origins = [];
    private readonly List<SnapshotOriginTarget> _targets = [];

    /// <summary>_pending_exceptions_done_count, of all snapshots on the machine.</summary>
    public ulong PendingExceptionsDone { get; private set; }

    /// <summary>Woken when it changes.</summary>
    public WaitQueue PendingExceptionDoneQueue { get; } = new(kernel);

    /// <summary>increment_pending_exceptions_done_count.</summary>
    public void PendingExceptionDone()
    {
        PendingExceptionsDone++;
        PendingExceptionDoneQueue.WakeAll();
    }

    public SnapshotPair FindSharingCow(Snapshot snapshot)
    {
        var pair = default(SnapshotPair);
        if (_origins.TryGetValue(snapshot.Origin.Device, out var snapshots))
            foreach (var other in snapshots)
                other.Sort(snapshot, ref pair);
        return pair;
    }

    /// <summary>register_snapshot. <paramref name="isDestination"/>: it will be handed the exceptions of another.</summary>
    /// <returns>Why not, or null.</returns>
    public string? Register(Snapshot snapshot, out bool isDestination)
    {
        isDestination = false;
        var pair = FindSharingCow(snapshot);
        if (pair.Count == 2 || pair.Destination is not null)
            return "Snapshot cow pairing for exception table handover failed";
        if (pair.Source is not null && snapshot.IsMerge)
        {
            if (pair.Merging is not null)
                return "A snapshot is already merging.";
            if (!pair.Source.Store.CanMerge)
                return "Snapshot exception store does not support snapshot-merge.";
        }
        isDestination = pair.Source is not null;
        Insert(snapshot);
        return null;
    }

    /// <summary>__insert_snapshot: the largest chunks first.</summary>
    private void Insert(Snapshot snapshot)
    {
        if (!_origins.TryGetValue(snapshot.Origin.Device, out var snapshots))
            _origins.Add(snapshot.Origin.Device, snapshots = []);
        int at = snapshots.FindIndex(other => other.Store.ChunkSize < snapshot.Store.ChunkSize);
        snapshots.Insert(at < 0 ? snapshots.Count : at, snapshot);
    }

    /// <summary>reregister_snapshot.</summary>
    public void Reregister(Snapshot snapshot)
    {
        _origins[snapshot.Origin.Device].Remove(snapshot);
        Insert(snapshot);
    }

    /// <summary>unregister_snapshot. Once more does nothing.</summary>
    public void Unregister(Snapshot snapshot)
    {
        if (_origins.TryGetValue(snapshot.Origin.Device, out var snapshots) && snapshots.Remove(snapshot) && snapshots.Count == 0)
            _origins.Remove(snapshot.Origin.Device);
    }

    /// <summary>__minimum_chunk_size: those of 0 wait for a handover.</summary>
    public uint MinimumChunkSize(BlockDevice origin)
    {
        uint smallest = NoBoundary;
        if (_origins.TryGetValue(origin, out var snapshots))
            foreach (var snapshot in snapshots)
                if (snapshot.Store.ChunkSize != 0)
                    smallest = Math.Min(smallest, snapshot.Store.ChunkSize);
        return smallest;
    }

    public SnapshotOriginTarget? FindOriginTarget(BlockDevice origin) => _targets.Find(target => target.Device == origin);

    public void Insert(SnapshotOriginTarget target) => _targets.Add(target);

    public void Remove(SnapshotOriginTarget target) => _targets.Remove(target);

    /// <summary>do_origin: Remapped when the bio can go on at once; else it waits for a chunk to be copied, and Submitted.</summary>
    /// <param name="limit">Whether the submitter sleeps while too many chunks are being copied.</param>
    public MapResult Write(BlockDevice origin, Bio bio, bool limit)
    {
        if (!_origins.TryGetValue(origin, out var snapshots))
            return MapResult.Remapped;
        if (limit)
        {
            foreach (var snapshot in snapshots.ToArray())
                snapshot.WaitForInProgress();
        }
        return Write(snapshots, bio.Sector, bio) ? MapResult.Submitted : MapResult.Remapped;
    }

    /// <summary>__origin_write without a bio: whether chunks have to be copied before the sector may be written.</summary>
    public bool PrepareWrite(BlockDevice origin, ulong sector) =>
        _origins.TryGetValue(origin, out var snapshots) && Write(snapshots, sector, null);

    /// <summary>__origin_write. The bio waits for the first of the copies; that one is started last.</summary>
    private static bool Write(List<Snapshot> snapshots, ulong sector, Bio? bio)
    {
        bool mustWait = false;
        (Snapshot Snapshot, PendingException Pending)? last = null;
        foreach (var snapshot in snapshots.ToArray())
        {
            if (snapshot.PrepareForOriginWrite(sector) is not { } pending)
                continue;
            mustWait = true;
            bool waits = bio is not null;
            if (bio is not null)
                pending.OriginBios.Add(bio);
            bio = null;
            if (pending.Started)
                continue;
            pending.Started = true;
            if (waits)
                last = (snapshot, pending);
            else
                snapshot.StartCopy(pending);
        }
        if (last is { } started)
            started.Snapshot.StartCopy(started.Pending);
        return mustWait;
    }
}
