using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>zero: reads give zeros, writes vanish (drivers/md/dm-zero.c, 6.1).</summary>
public sealed class ZeroType : TargetType
{
    public override string Name => "zero";
    public override TargetFeatures Features => TargetFeatures.Nowait;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        if (arguments.Argv.Length != 0)
            return arguments.Refuse(Errno.EINVAL, "No arguments required");
        target = new ZeroTarget(arguments);
        return Errno.None;
    }
}

public sealed class ZeroTarget : Target
{
    internal ZeroTarget(TargetArguments arguments)
        : base(arguments)
    {
        // Meant to drop discards silently; without an iterate_devices they never get here in 6.1.
        NumDiscardBios = 1;
        DiscardsSupported = TakesDiscards;
    }

    private bool TakesDiscards => Table.Kernel.Profile.Has(KernelRule.ZeroTakesDiscards);

    public override QueueLimits IoHints(QueueLimits limits) => !TakesDiscards ? limits : limits with
    {
        MaxHwDiscardSectors = uint.MaxValue,
        MaxDiscardSectors = uint.MaxValue,
        DiscardGranularity = Sectors.BytesPerSector,
    };

    public override MapResult Map(TargetBio bio)
    {
        switch (bio.Op)
        {
            case BioOp.Read when (bio.Flags & BioFlags.ReadAhead) != 0:
                return MapResult.Kill;
            case BioOp.Read:
                bio.Data.Span.Clear();
                break;
            case BioOp.Write:
                break;
            case BioOp.Discard when TakesDiscards:
                break;
            default:
                return MapResult.Kill;
        }
        bio.End(BlkStatus.Ok);
        return MapResult.Submitted;
    }

    public override void Destroy() { }
}
