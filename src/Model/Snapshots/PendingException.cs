using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Snapshots;

/// <summary>struct dm_snap_pending_exception: a chunk that is being copied, and the bios that wait for it (drivers/md/dm-snap.c, 6.1).</summary>
internal sealed class PendingException(Snapshot snapshot, ulong oldChunk)
{
    public SnapException Exception { get; private set; } = new(oldChunk, 0);

    /// <summary>The store gives it a place (prepare_exception).</summary>
    public void PlaceAt(ulong newChunk) => Exception = Exception with { NewChunk = newChunk };

    public List<Bio> OriginBios { get; } = [];
    public List<TargetBio> SnapshotBios { get; } = [];

    /// <summary>The copy, or the write that saves it, is under way.</summary>
    public bool Started { get; set; }

    public bool CopyFailed { get; set; }

    /// <summary>exception_sequence: they are committed in this order.</summary>
    public ulong Sequence { get; set; }

    /// <summary>full_bio: a write of the whole chunk, which goes to the COW device without a copy; and who hears of its end.</summary>
    public (TargetBio Bio, Action<Bio>? EndIo)? Full { get; set; }

    /// <summary>pending_complete.</summary>
    public ValueTask CompleteAsync(bool success) => snapshot.CompletePendingAsync(this, success);
}
