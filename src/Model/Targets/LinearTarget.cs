using DmSim.Abi;
using DmSim.Model.Devices;

namespace DmSim.Model.Targets;

/// <summary>linear: a run of sectors of another device. "device start" (drivers/md/dm-linear.c, 6.1).</summary>
public sealed class LinearType : TargetType
{
    public override string Name => "linear";

    public override TargetFeatures Features => TargetFeatures.PassesIntegrity | TargetFeatures.Nowait
        | TargetFeatures.ZonedHm | TargetFeatures.PassesCrypto;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        if (arguments.Argv.Length != 2)
            return arguments.Refuse(Errno.EINVAL, "Invalid argument count");
        if (!KernelParse.U64(arguments.Argv[1], arguments.Profile, out ulong start))
            return arguments.Refuse(Errno.EINVAL, "Invalid device sector");
        var errno = arguments.Table.GetDevice(arguments.Argv[0], arguments.Table.Mode, out var device);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Device lookup failed");
        target = new LinearTarget(arguments, device!, new Sectors(start));
        return Errno.None;
    }
}

public sealed class LinearTarget : Target
{
    private readonly TableDevice _device;
    private readonly Sectors _start;

    internal LinearTarget(TargetArguments arguments, TableDevice device, Sectors start)
        : base(arguments)
    {
        _device = device;
        _start = start;
        NumFlushBios = 1;
        NumDiscardBios = 1;
        NumSecureEraseBios = 1;
        NumWriteZeroesBios = 1;
        FlushBypassesMap = true;
    }

    public override MapResult Map(TargetBio bio)
    {
        bio.Device = _device.Device;
        bio.Sector = Remap(_start, bio.Sector);
        return MapResult.Remapped;
    }

    public override string Status(StatusType type, bool noflush) =>
        type == StatusType.Table ? $"{_device.Name} {_start}" : "";

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => visit(_device, _start, Length);

    public override (TableDevice? Device, bool PassThrough) PrepareIoctl() =>
        (_device, _start == Sectors.Zero && Length == _device.Device.Capacity);

    public override void Destroy() => Table.PutDevice(_device);
}
