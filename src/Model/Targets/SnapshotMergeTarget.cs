using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Snapshots;

namespace DmSim.Model.Targets;

/// <summary>
/// snapshot-merge: an origin into which a snapshot is copied back, while it is in use. Words as for a snapshot, without which its
/// exceptions could not be merged (drivers/md/dm-snap.c, 6.1). What it does is in <see cref="Snapshot"/>.
/// </summary>
public sealed class SnapshotMergeType : TargetType
{
    public override string Name => "snapshot-merge";

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        var errno = SnapshotConstruction.Construct(arguments, isMerge: true, out var snapshot);
        target = snapshot is null ? null : new SnapshotMergeTarget(arguments, snapshot);
        return errno;
    }
}

public sealed class SnapshotMergeTarget : SnapshotTarget
{
    private readonly Snapshot _snapshot;

    internal SnapshotMergeTarget(TargetArguments arguments, Snapshot snapshot)
        : base(arguments, snapshot)
    {
        _snapshot = snapshot;
        // One to the origin, one to the COW device.
        NumFlushBios = 2;
    }

    public override MapResult Map(TargetBio bio) => _snapshot.MapMerging(bio);

    public override ValueTask PresuspendAsync() => _snapshot.StopMergeAsync();

    public override ValueTask ResumeAsync() => _snapshot.ResumeMergeAsync();
}
