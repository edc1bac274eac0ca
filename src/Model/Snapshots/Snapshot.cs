using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_snapshot: what a snapshot or snapshot-merge target knows (drivers/md/dm-snap.c, 6.1). This file has its state and how it
/// becomes useless; Snapshot.Io.cs the way of a bio, Snapshot.Copying.cs how a chunk is copied, Snapshot.Merge.cs the merge,
/// Snapshot.Resume.cs how one table hands its exceptions to another.
/// </summary>
internal sealed partial class Snapshot
{
    /// <summary>DM_MSG_PREFIX of dm-snap.c.</summary>
    public const string Module = "snapshots";

    private readonly CopyClient _copier;

    public Snapshot(Table table, bool isMerge, TableDevice origin, TableDevice cow, ExceptionStore store)
    {
        Table = table;
        IsMerge = isMerge;
        Origin = origin;
        Cow = cow;
        Store = store;
        Complete = new ExceptionTable(cow.Device.Capacity.Value, store.ChunkShift);
        _copier = new CopyClient(table.Kernel);
        _mergeStopped = new WaitQueue(table.Kernel);
        _copiesAreFew = new WaitQueue(table.Kernel);
        _invalidated = new WaitQueue(table.Kernel);
    }

    public Table Table { get; }

    /// <summary>Its line is of type snapshot-merge.</summary>
    public bool IsMerge { get; }

    public TableDevice Origin { get; }
    public TableDevice Cow { get; }

    /// <summary>Exceptions that stand, and those whose chunk is being copied.</summary>
    private ExceptionTable Complete { get; set; }

    private PendingTable Pending { get; } = new();

    public ExceptionStore Store { get; private set; }

    public bool DiscardZeroesCow { get; init; }
    public bool DiscardPassdownOrigin { get; init; }

    /// <summary>Without it the snapshot cannot be used: it is full, or its store could not be written or read.</summary>
    public bool Valid { get; set; } = true;

    private readonly WaitQueue _invalidated;
    private bool _invalidating;

    /// <summary>Full, by a write to the snapshot itself: what is there can still be read.</summary>
    private bool Overflowed { get; set; }

    /// <summary>It has been resumed: from then on writes to the origin are copied.</summary>
    private bool Active { get; set; }

    private bool MergeFailed { get; set; }

    /// <summary>ti->max_io_len.</summary>
    public uint MaxIoLen { get; set; }

    private SimulatedKernel Kernel => Table.Kernel;

    /// <summary>Chunks of the origin that lie on the COW device.</summary>
    public IReadOnlyList<ulong> ChangedChunks => Complete.Chunks();

    private SnapshotOrigins Origins => Kernel.SnapshotOrigins;

    /// <summary>dm_add_exception.</summary>
    public Errno AddException(ulong oldChunk, ulong newChunk)
    {
        Insert(new SnapException(oldChunk, newChunk));
        return Errno.None;
    }

    private void Insert(SnapException exception)
    {
        if (!Complete.Insert(exception))
            Kernel.Log.Crit(Module, "kernel BUG in dm_consecutive_chunk_count_inc");
    }

    /// <summary>
    /// __invalidate_snapshot. Others run while the store's header is written, but none that wants the snapshot's lock: it is held until
    /// the snapshot is invalid (down_write in snapshot_map and invalidate_snapshot, drivers/md/dm-snap.c, 6.1).
    /// </summary>
    private void Invalidate(Errno errno)
    {
        if (!Valid || _invalidating)
            return;
        if (errno == Errno.EIO)
            Kernel.Log.Err(Module, "Invalidating snapshot: Error reading/writing.");
        else if (errno == Errno.ENOMEM)
            Kernel.Log.Err(Module, "Invalidating snapshot: Unable to allocate exception.");
        _invalidating = true;
        Store.Drop();
        (Valid, _invalidating) = (false, false);
        Table.RaiseEvent();
        _invalidated.WakeAll();
    }

    /// <summary>snapshot_status, STATUSTYPE_INFO.</summary>
    public string Info()
    {
        if (!Valid)
            return "Invalid";
        if (MergeFailed)
            return "Merge failed";
        if (Overflowed)
            return "Overflow";
        var (total, allocated, metadata) = Store.Usage();
        return $"{allocated}/{total} {metadata}";
    }

    /// <summary>snapshot_status, STATUSTYPE_TABLE.</summary>
    public string TableText()
    {
        int features = (DiscardZeroesCow ? 1 : 0) + (DiscardPassdownOrigin ? 1 : 0);
        string words = features == 0 ? "" : $" {features}"
            + (DiscardZeroesCow ? " discard_zeroes_cow" : "") + (DiscardPassdownOrigin ? " discard_passdown_origin" : "");
        return $"{Origin.Name} {Cow.Name} {Store.TableWords}{words}";
    }

    /// <summary>snapshot_status, STATUSTYPE_IMA, behind the name and version of the type.</summary>
    public string Measurement() => $",snap_origin_name={Origin.Name},snap_cow_name={Cow.Name},snap_valid={YesNo(Valid)}"
        + $",snap_merge_failed={YesNo(MergeFailed)},snapshot_overflowed={YesNo(Overflowed)};";

    private static char YesNo(bool value) => value ? 'y' : 'n';

    /// <summary>snapshot_io_hints. The granularity is bytes, but the kernel sets it to a number of sectors.</summary>
    public QueueLimits IoHints(QueueLimits limits)
    {
        if (!DiscardZeroesCow)
            return limits;
        var pair = Origins.FindSharingCow(this);
        var from = pair is { Source: { } source, Destination: not null } ? source : this;
        return limits with { DiscardGranularity = from.Store.ChunkSize, MaxDiscardSectors = from.Store.ChunkSize };
    }

    /// <summary>The part of snapshot_dtr that sleeps.</summary>
    public async ValueTask StopAsync()
    {
        CancelHandover();
        if (IsMerge)
            await StopMergeAsync();
        Origins.Unregister(this);
        while (_pendingCount > 0)
            await Kernel.SleepAsync(1);
        await _copier.WaitUntilIdleAsync();
        // The queues of the copier and of the store each have a rescuer, a thread of the lowest rank here, and their end waits for its end
        // (destroy_workqueue, kernel/workqueue.c, 6.1): I/O that the resume of another table has let go is under way by then.
        if (Active)
            await Kernel.Work.Settle();
    }

    /// <summary>The rest of it.</summary>
    public void Destroy()
    {
        Table.PutDevice(Cow);
        Table.PutDevice(Origin);
    }
}
