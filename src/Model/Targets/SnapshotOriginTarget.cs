using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Snapshots;

namespace DmSim.Model.Targets;

/// <summary>
/// snapshot-origin: a device whose snapshots get a copy of every chunk before it is written. "device" (drivers/md/dm-snap.c, 6.1).
/// </summary>
public sealed class SnapshotOriginType : TargetType
{
    public override string Name => "snapshot-origin";

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        if (arguments.Argv.Length != 1)
            return arguments.Refuse(Errno.EINVAL, "origin: incorrect number of arguments");
        var errno = arguments.Table.GetDevice(arguments.Argv[0], arguments.Table.Mode, out var device);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Cannot get target device");
        target = new SnapshotOriginTarget(arguments, device!);
        return Errno.None;
    }
}

public sealed class SnapshotOriginTarget : Target
{
    private readonly TableDevice _device;

    // The smallest chunk of its snapshots when it was resumed; 0 before, when no bio comes.
    private uint _splitBoundary;

    internal SnapshotOriginTarget(TargetArguments arguments, TableDevice device)
        : base(arguments)
    {
        _device = device;
        NumFlushBios = 1;
    }

    internal BlockDevice Device => _device.Device;

    private SnapshotOrigins Origins => Table.Kernel.SnapshotOrigins;

    /// <summary>origin_map: sectors are not counted from the line's begin.</summary>
    public override MapResult Map(TargetBio bio)
    {
        bio.Device = _device.Device;
        if (bio.IsPreflush || !bio.IsWrite)
            return MapResult.Remapped;
        ulong available = _splitBoundary - (bio.Sector & (_splitBoundary - 1));
        if (bio.SectorCount > available)
            bio.AcceptPartial(available);
        return Origins.Write(_device.Device, bio, limit: true);
    }

    public override ValueTask ResumeAsync()
    {
        _splitBoundary = Origins.MinimumChunkSize(_device.Device);
        Origins.Insert(this);
        return ValueTask.CompletedTask;
    }

    public override ValueTask PostsuspendAsync()
    {
        Origins.Remove(this);
        return ValueTask.CompletedTask;
    }

    public override string Status(StatusType type, bool noflush) => type == StatusType.Table ? _device.Name : "";

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => visit(_device, Sectors.Zero, Length);

    public override void Destroy() => Table.PutDevice(_device);
}
