using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Snapshots;

namespace DmSim.Model.Targets;

/// <summary>
/// snapshot: an origin as it was, and as it was written since; what has changed on either side is on a COW device. "origin COW-device
/// P|PO|N chunk-size [#features feature...]" (drivers/md/dm-snap.c, 6.1). What it does is in <see cref="Snapshot"/>.
/// </summary>
public sealed class SnapshotType : TargetType
{
    public override string Name => "snapshot";

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        var errno = SnapshotConstruction.Construct(arguments, isMerge: false, out var snapshot);
        target = snapshot is null ? null : new SnapshotTarget(arguments, snapshot);
        return errno;
    }
}

/// <summary>A snapshot, and what it has in common with one that merges.</summary>
public class SnapshotTarget : Target
{
    private readonly Snapshot _snapshot;

    internal SnapshotTarget(TargetArguments arguments, Snapshot snapshot)
        : base(arguments)
    {
        _snapshot = snapshot;
        NumFlushBios = 1;
        if (snapshot.DiscardZeroesCow)
            NumDiscardBios = snapshot.DiscardPassdownOrigin ? 2u : 1;
    }

    /// <summary>The snapshot as data to draw.</summary>
    internal Views.SnapshotView View(MappedDevice device)
    {
        var chunk = new Sectors(Math.Max(1, _snapshot.Store.ChunkSize));
        ulong chunks = (Length.Value + chunk.Value - 1) / chunk.Value;
        return new Views.SnapshotView(device.Number, device.MapName!, _snapshot.Origin.Device.Name, _snapshot.Cow.Device.Name, chunk, chunks,
            _snapshot.Info(), _snapshot.ChangedChunks);
    }

    /// <summary>It comes with the exceptions, when they are handed over.</summary>
    public override uint MaxIoLen => _snapshot.MaxIoLen;

    public override MapResult Map(TargetBio bio) => _snapshot.Map(bio);

    public override EndIoResult EndIo(TargetBio bio, ref BlkStatus status)
    {
        _snapshot.BioEnded(bio);
        return EndIoResult.Done;
    }

    public override Errno Preresume() => _snapshot.Preresume();

    public override ValueTask ResumeAsync() => _snapshot.ResumeAsync();

    public override string Status(StatusType type, bool noflush) => type switch
    {
        StatusType.Info => _snapshot.Info(),
        StatusType.Table => _snapshot.TableText(),
        _ => NameAndVersion() + _snapshot.Measurement(),
    };

    /// <summary>DMEMIT_TARGET_NAME_VERSION.</summary>
    private string NameAndVersion()
    {
        var (major, minor, patch) = Type.Version(Table.Kernel.Profile);
        return $"target_name={Type.Name},target_version={major}.{minor}.{patch}";
    }

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) =>
        visit(_snapshot.Origin, Sectors.Zero, Length) || visit(_snapshot.Cow, Sectors.Zero, _snapshot.Cow.Device.Capacity);

    public override QueueLimits IoHints(QueueLimits limits) => _snapshot.IoHints(limits);

    public override ValueTask StopAsync() => _snapshot.StopAsync();

    public override void Destroy() => _snapshot.Destroy();
}
