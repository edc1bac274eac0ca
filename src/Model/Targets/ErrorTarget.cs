using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>
/// error: all I/O fails (drivers/md/dm-target.c, 6.1). Arguments are neither looked at nor kept, but where the kernel knows what they could be
/// (<see cref="KernelRule.ErrorTakesDevice"/>), two of them are "device start", for the limits of that device.
/// </summary>
public sealed class ErrorType : TargetType
{
    public override string Name => "error";

    /// <summary>May replace any table, also that of an immutable target: so does "dmsetup wipe_table".</summary>
    public override TargetFeatures Features => TargetFeatures.Wildcard | TargetFeatures.PassesIntegrity;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        TableDevice? device = null;
        ulong start = 0;
        if (arguments.Argv is [var path, var sector] && arguments.Profile.Has(KernelRule.ErrorTakesDevice))
        {
            if (!KernelParse.U64(sector, arguments.Profile, out start))
                return arguments.Refuse(Errno.EINVAL, "Invalid device sector");
            var errno = arguments.Table.GetDevice(path, arguments.Table.Mode, out device);
            if (errno != Errno.None)
                return arguments.Refuse(errno, "Device lookup failed");
        }
        target = new ErrorTarget(arguments, device, new Sectors(start));
        return Errno.None;
    }
}

public sealed class ErrorTarget : Target
{
    private readonly TableDevice? _device;
    private readonly Sectors _start;

    internal ErrorTarget(TargetArguments arguments, TableDevice? device, Sectors start)
        : base(arguments)
    {
        (_device, _start) = (device, start);
        NumDiscardBios = 1;
        DiscardsSupported = KnowsDevices;
    }

    private bool KnowsDevices => Table.Kernel.Profile.Has(KernelRule.ErrorTakesDevice);

    public override MapResult Map(TargetBio bio) => MapResult.Kill;

    public override bool HasIterateDevices => KnowsDevices;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => _device is not null && visit(_device, _start, Length);

    public override QueueLimits IoHints(QueueLimits limits) => !KnowsDevices ? limits : limits with
    {
        MaxHwDiscardSectors = uint.MaxValue,
        MaxDiscardSectors = uint.MaxValue,
        DiscardGranularity = Sectors.BytesPerSector,
    };

    public override void Destroy()
    {
        if (_device is not null)
            Table.PutDevice(_device);
    }
}
