using DmSim.Abi;
using DmSim.Model.Devices;

namespace DmSim.Model.Targets;

/// <summary>error: all I/O fails (drivers/md/dm-target.c, 6.1). Arguments are neither looked at nor kept.</summary>
public sealed class ErrorType : TargetType
{
    public override string Name => "error";

    /// <summary>May replace any table, also that of an immutable target: so does "dmsetup wipe_table".</summary>
    public override TargetFeatures Features => TargetFeatures.Wildcard;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = new ErrorTarget(arguments);
        return Errno.None;
    }
}

public sealed class ErrorTarget : Target
{
    internal ErrorTarget(TargetArguments arguments)
        : base(arguments)
    {
        NumDiscardBios = 1;
    }

    public override MapResult Map(TargetBio bio) => MapResult.Kill;

    public override void Destroy() { }
}
