using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Sysfs;

/// <summary>The modules that the simulated kernel has, and their parameters (MODULE_PARM_DESC and module_param of each, 6.1).</summary>
internal static class KernelModules
{
    /// <summary>Which module needs which.</summary>
    private static readonly (string Name, string[] Needs)[] Dependencies =
    [
        ("dm_snapshot", ["dm_mod", "dm_bufio"]), ("dm_thin_pool", ["dm_mod", "dm_persistent_data", "dm_bio_prison"]),
        ("dm_persistent_data", ["dm_bufio", "libcrc32c"]), ("dm_bufio", ["dm_mod"]), ("dm_flakey", ["dm_mod"]), ("dm_delay", ["dm_mod"]), ("dm_zero", ["dm_mod"]),
    ];

    /// <summary>Latest first, as /proc/modules lists them.</summary>
    public static IReadOnlyList<ModuleInfo> Of(SimulatedKernel kernel) => [.. kernel.Profile.Modules.Select(module =>
    {
        string[] users = [.. kernel.Profile.Modules.Select(other => other.Name)
            .Where(other => Dependencies.Any(needing => needing.Name == other && needing.Needs.Contains(module.Name)))];
        return new ModuleInfo(module.Name, module.Bytes, users, () => users.Length + InUse(kernel, module.Name), Parameters(kernel, module.Name));
    })];

    /// <summary>
    /// How often what a module has made is in use (try_module_get and __module_get in dm_get_target_type, alloc_dev, loop_configure and
    /// blkdev_get_by_dev, 6.1). That somebody has the control node open is not counted.
    /// </summary>
    private static int InUse(SimulatedKernel kernel, string module)
    {
        int targets = kernel.Devices.Mapped.SelectMany(device => new[] { device.LiveTable, device.InactiveTable }).OfType<Table>()
            .SelectMany(table => table.Targets).Count(target => ModuleOf(target.Type.Name) == module);
        return targets + module switch
        {
            "dm_mod" => kernel.Devices.Mapped.Sum(device => 1 + Openings(kernel, device)),
            "loop" => kernel.Devices.Live.OfType<LoopDevice>().Sum(device => (device.Store is null ? 0 : 1) + Openings(kernel, device)),
            _ => 0,
        };
    }

    private static int Openings(SimulatedKernel kernel, BlockDevice device) =>
        kernel.Profile.Has(KernelRule.OpeningsHoldModule) ? device.Openers : Math.Min(device.Openers, 1);

    /// <summary>Which module has registered a type of target.</summary>
    private static string ModuleOf(string type) => type switch
    {
        "thin" or "thin-pool" => "dm_thin_pool",
        "snapshot" or "snapshot-origin" or "snapshot-merge" => "dm_snapshot",
        "zero" or "delay" or "flakey" => $"dm_{type}",
        _ => "dm_mod",
    };

    private static IReadOnlyList<ModuleParameter> Parameters(SimulatedKernel kernel, string module) => module switch
    {
        "dm_snapshot" => [Fixed("snapshot_copy_throttle", "100"),
            Number("snapshot_cow_threshold", () => kernel.Parameters.SnapshotCowThreshold, value => kernel.Parameters.SnapshotCowThreshold = value)],
        "dm_thin_pool" => [
            Number("no_space_timeout", () => kernel.Parameters.NoSpaceTimeoutSeconds, value => kernel.Parameters.NoSpaceTimeoutSeconds = value),
            Fixed("snapshot_copy_throttle", "100")],
        "dm_bufio" => [Fixed("max_age_seconds", "300")],
        "loop" => [Fixed("hw_queue_depth", "128"), Fixed("max_loop", "8"), Fixed("max_part", "0")],
        "dm_mod" =>
        [
            Fixed("dm_mq_nr_hw_queues", "1"), Fixed("dm_mq_queue_depth", "2048"), Fixed("dm_numa_node", "-1"), Fixed("kcopyd_subjob_size_kb", "512"),
            Fixed("reserved_bio_based_ios", "16"), Fixed("reserved_rq_based_ios", "256"),
            new("stats_current_allocated_bytes", () => kernel.StatisticsMemory.Allocated.ToString(CultureInfo.InvariantCulture)),
            Fixed("swap_bios", "2048"), Fixed("use_blk_mq", "Y"),
        ],
        _ => [],
    };

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
