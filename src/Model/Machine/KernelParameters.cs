namespace DmSim.Model.Machine;

/// <summary>What user space sets of modules in /sys/module, as far as it changes what the model does.</summary>
public sealed class KernelParameters
{
    /// <summary>no_space_timeout of dm-thin-pool: after so many seconds without room what waits fails; 0 for never (drivers/md/dm-thin.c, 6.1).</summary>
    public uint NoSpaceTimeoutSeconds { get; set; } = 60;

    /// <summary>snapshot_cow_threshold of dm-snapshot: chunks of a snapshot that are copied at once (drivers/md/dm-snap.c, 6.1).</summary>
    public uint SnapshotCowThreshold { get; set; } = 2048;
}
