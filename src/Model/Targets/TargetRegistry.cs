namespace DmSim.Model.Targets;

/// <summary>The target types this kernel has, one line each, in the order in which the modules register.</summary>
public static class TargetRegistry
{
    public static IReadOnlyList<TargetType> All { get; } =
    [
        new ErrorType(),
        new LinearType(),
        new StripedType(),
        new ZeroType(),
        new DelayType(),
        new FlakeyType(),
        new ThinType(),
        new ThinPoolType(),
        new SnapshotType(),
        new SnapshotOriginType(),
        new SnapshotMergeType(),
    ];
}
