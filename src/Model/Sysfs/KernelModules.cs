using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Sysfs;

/// <summary>The modules that the simulated kernel has, and their parameters (MODULE_PARM_DESC and module_param of each, 6.1).</summary>
internal static class KernelModules
{
    /// <summary>Latest first, as /proc/modules lists them.</summary>
    public static IReadOnlyList<ModuleInfo> Of(SimulatedKernel kernel) =>
    [
        new("dm_snapshot", [], [Fixed("snapshot_copy_throttle", "100"),
            Number("snapshot_cow_threshold", () => kernel.Parameters.SnapshotCowThreshold, value => kernel.Parameters.SnapshotCowThreshold = value)]),
        new("dm_thin_pool", [], [
            Number("no_space_timeout", () => kernel.Parameters.NoSpaceTimeoutSeconds, value => kernel.Parameters.NoSpaceTimeoutSeconds = value),
            Fixed("snapshot_copy_throttle", "100")]),
        new("dm_persistent_data", ["dm_thin_pool"], []),
        new("dm_bio_prison", ["dm_thin_pool"], []),
        new("dm_bufio", ["dm_snapshot", "dm_persistent_data"], [Fixed("max_age_seconds", "300")]),
        new("dm_flakey", [], []),
        new("dm_delay", [], []),
        new("dm_zero", [], []),
        new("loop", [], [Fixed("hw_queue_depth", "128"), Fixed("max_loop", "8"), Fixed("max_part", "0")]),
        new("dm_mod", ["dm_zero", "dm_delay", "dm_flakey", "dm_bufio", "dm_thin_pool", "dm_snapshot"],
        [
            Fixed("dm_mq_nr_hw_queues", "1"), Fixed("dm_mq_queue_depth", "2048"), Fixed("dm_numa_node", "-1"), Fixed("kcopyd_subjob_size_kb", "512"),
            Fixed("reserved_bio_based_ios", "16"), Fixed("reserved_rq_based_ios", "256"),
            new("stats_current_allocated_bytes", () => kernel.StatisticsMemory.Allocated.ToString(CultureInfo.InvariantCulture)),
            Fixed("swap_bios", "2048"), Fixed("use_blk_mq", "Y"),
        ]),
    ];

    private static ModuleParameter Fixed(string name, string value) => new(name, () => value);

    /// <summary>param_set_uint: EINVAL for what is no number of 32 bits.</summary>
    private static ModuleParameter Number(string name, Func<uint> get, Action<uint> set) => new(name,
        () => get().ToString(CultureInfo.InvariantCulture), text =>
        {
            if (!uint.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out uint value))
                return Errno.EINVAL;
            set(value);
            return Errno.None;
        });
}
