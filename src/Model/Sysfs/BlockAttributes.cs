using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Sysfs;

/// <summary>One file: where it lies below the device's folder, which devices have it, and its line: null where reading it is refused.</summary>
internal sealed record BlockAttribute(string Path, Func<BlockDevice, bool> IsOf, Func<BlockDevice, string?> Show)
{
    /// <summary>What a write does; null for a file that cannot be written.</summary>
    public Func<BlockDevice, string, Errno>? Store { get; init; }

    /// <summary>What a read answers that is refused.</summary>
    public Errno Refusal { get; init; } = Errno.EINVAL;
}

/// <summary>
/// The attribute files of block devices (block/genhd.c, block/blk-sysfs.c, drivers/md/dm-sysfs.c, drivers/block/loop.c, 6.1, with
/// Debian's configuration).
/// </summary>
internal static class BlockAttributes
{
    private static readonly BlockAttribute[] OfDisk = [.. Disk().Concat(Queue()).Select(WithStore), .. Mapped(), .. Loop()];
    private static readonly BlockAttribute[] OfPartition = [.. PartitionAttributes.All.Select(WithStore)];

    private static readonly Dictionary<string, BlockAttribute> DiskByPath = OfDisk.ToDictionary(attribute => attribute.Path);
    private static readonly Dictionary<string, BlockAttribute> PartitionByPath = OfPartition.ToDictionary(attribute => attribute.Path);

    /// <summary>Those that a device of its kind may have.</summary>
    public static IReadOnlyList<BlockAttribute> Of(BlockDevice device) => device is Partition ? OfPartition : OfDisk;

    public static BlockAttribute? Find(BlockDevice device, string path) =>
        (device is Partition ? PartitionByPath : DiskByPath).GetValueOrDefault(path);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
    private static string Text(bool flag) => flag ? "1" : "0";

    private static bool IsMapped(BlockDevice device) => device is MappedDevice;
    private static bool IsLoop(BlockDevice device) => device is LoopDevice;
    private static bool Has(BlockDevice device, KernelRule rule) => device.Kernel.Profile.Has(rule);

    private static IEnumerable<BlockAttribute> Disk()
    {
        yield return Every("bdi/max_ratio", d => Text(d.Queue.MaxRatio));
        yield return Every("bdi/min_ratio", d => Text(d.Queue.MinRatio));
        yield return Every("bdi/read_ahead_kb", ReadAhead);
        yield return Every("bdi/stable_pages_required", StablePages);
        yield return Every("bdi/strict_limit", _ => "0");
        yield return Every("capability", Capability);
        // disk_discard_alignment_show asks for the alignment of I/O instead.
        yield return Every("discard_alignment", d => d.Limits.Misaligned ? "-1" : Text(d.Limits.AlignmentOffset));
        yield return Every("diskseq", d => Text(d.DiskSequence));
        yield return Every("events", d => IsLoop(d) && Has(d, KernelRule.DiskFilesOf61) ? "media_change" : "");
        yield return Every("events_async", _ => "");
        yield return Every("events_poll_msecs", _ => "-1");
        yield return Every("ext_range", d => IsLoop(d) ? "256" : "1");
        yield return Every("hidden", _ => "0");
        yield return new BlockAttribute("partscan", d => Has(d, KernelRule.DisksTellOfScans), d => Text(d is LoopDevice { ScansPartitions: true }));
        yield return Every("range", _ => "1");
        yield return Every("removable", _ => "0");
        yield return Uevent("disk", _ => "");
        foreach (var attribute in Integrity.Concat(OfEvery))
            yield return attribute;
    }

    /// <summary>stable_pages_required_show (mm/backing-dev.c).</summary>
    private static string StablePages(BlockDevice device)
    {
        device.Kernel.RateLimits.WriteOnce("stable_pages_required_show", 4,
            $"bdi {device.Number}: the stable_pages_required attribute has been removed. Use the stable_writes queue attribute instead.");
        return "0";
    }

    /// <summary>disk->flags in 6.1: GENHD_FL_NO_PART, which blk-mq's disks of one partition and more do not have.</summary>
    private static string Capability(BlockDevice device)
    {
        // In hexadecimal what 5.10 has: GENHD_FL_UP; of a loop device GENHD_FL_EXT_DEVT and GENHD_FL_NO_PART_SCAN.
        if (!Has(device, KernelRule.DiskFilesOf61))
            return device is not LoopDevice loop ? "10" : loop.ScansPartitions ? "50" : "250";
        if (!Has(device, KernelRule.DisksTellOfScans))
            return IsMapped(device) ? "4" : "0";
        device.Kernel.RateLimits.WriteOnce("disk_capability_show", 4, $"block {device.Name}: the capability attribute has been deprecated.");
        return "0";
    }

    /// <summary>Those that disks and partitions have alike.</summary>
    internal static IEnumerable<BlockAttribute> OfEvery =>
    [
        Every("alignment_offset", d => d.Limits.Misaligned ? "-1" : Text(d.AlignmentOffset)),
        Every("dev", d => d.Number.ToString()),
        Every("inflight", d => d.Counters.ToInFlight()),
        Every("ro", d => Text(d.ReadOnly)),
        Every("size", d => d.Capacity.ToString()),
        Every("stat", d => d.Counters.ToStat()),
        .. PowerAndTrace,
    ];

    /// <summary>block_uevent, and what the type of the device adds to it.</summary>
    internal static BlockAttribute Uevent(string type, Func<BlockDevice, string> more) => Every("uevent", d =>
        $"MAJOR={d.Number.Major}\nMINOR={d.Number.Minor}\nDEVNAME={d.Name}\nDEVTYPE={type}\nDISKSEQ={d.Whole.DiskSequence}{more(d)}") with { Store = SynthesizeUevent };

    /// <summary>block/blk-integrity.c, for devices that have no integrity data.</summary>
    private static IEnumerable<BlockAttribute> Integrity =>
    [
        Every("integrity/device_is_integrity_capable", d => Text(IsUnlessRefused(d) && d is MappedDevice { PassesIntegrity: true })),
        Every("integrity/format", _ => "none"), Every("integrity/protection_interval_bytes", _ => "0"),
        Every("integrity/read_verify", d => Text(d.Queue.VerifiesReads ?? IsUnlessRefused(d))), Every("integrity/tag_size", _ => "0"),
        Every("integrity/write_generate", d => Text(d.Queue.GeneratesForWrites ?? IsUnlessRefused(d))),
    ];

    private static bool IsUnlessRefused(BlockDevice device) => Has(device, KernelRule.IntegrityUnlessRefused);

    /// <summary>drivers/base/power/sysfs.c for devices without power states, and kernel/trace/blktrace.c for one that nobody traces.</summary>
    private static IEnumerable<BlockAttribute> PowerAndTrace =>
    [
        Every("power/autosuspend_delay_ms", _ => null) with { Refusal = Errno.EIO },
        Every("power/control", d => d.Queue.Power), Every("power/runtime_active_time", _ => "0"), Every("power/runtime_status", _ => "unsupported"),
        Every("power/runtime_suspended_time", _ => "0"),
        Trace("act_mask", "disabled"), Trace("enable", "0"), Trace("end_lba", "disabled"), Trace("pid", "disabled"), Trace("start_lba", "disabled"),
    ];

    private static BlockAttribute Trace(string name, string value) =>
        new("trace/" + name, static d => d.HasQueueFiles, d => Has(d, KernelRule.DiskFilesOf61) ? value : null) { Refusal = Errno.ENXIO };

    /// <summary>kobject_synth_uevent (lib/kobject_uevent.c): one of the words for actions, and a uevent that says where it is from.</summary>
    private static Errno SynthesizeUevent(BlockDevice device, string text)
    {
        string action = text.TrimEnd('\n');
        if (action is not ("add" or "remove" or "change" or "move" or "online" or "offline" or "bind" or "unbind"))
            return Errno.EINVAL;
        device.Kernel.Uevents.Send(action, device.Name, "SYNTH_UUID=0");
        return Errno.None;
    }

    private static BlockAttribute WithStore(BlockAttribute attribute) =>
        AttributeStores.ByPath.TryGetValue(attribute.Path, out var store) ? attribute with { Store = store } : attribute;

    private static BlockAttribute Every(string path, Func<BlockDevice, string?> show) => new(path, static _ => true, show);

    private static BlockAttribute OfQueue(string name, Func<BlockDevice, string?> show) => OfQueue(name, static _ => true, show);

    private static BlockAttribute OfQueue(string name, Func<BlockDevice, bool> isOf, Func<BlockDevice, string?> show) =>
        new("queue/" + name, d => d.HasQueueFiles && isOf(d), show);

    private static BlockAttribute Limit(string name, Func<QueueLimits, ulong> value) => OfQueue(name, d => Text(value(d.Limits)));

    private static BlockAttribute Fixed(string name, string value) => OfQueue(name, _ => value);

    private static BlockAttribute FixedSince61(string name, string value) =>
        OfQueue(name, static d => Has(d, KernelRule.DiskFilesOf61), _ => value);

    private static string ReadAhead(BlockDevice device) => Text(device.ReadAheadPages * (QueueLimits.PAGE_SIZE >> 10));

    /// <summary>blk_set_stacking_limits: a device upon none has what no device has. Upon loop devices it has loop's.</summary>
    private static bool StandsAlone(BlockDevice device) => device is MappedDevice mapped && !mapped.HeldDevices.Any();

    /// <summary>BLK_FEAT_POLL: what lies on devices that all can be polled can be so itself, and a loop device cannot.</summary>
    internal static bool Polls(BlockDevice device) =>
        Has(device, KernelRule.LimitsValidated) && device is MappedDevice && device.Limits.Polls;

    /// <summary>A file about requests, which a queue without requests lacks since <see cref="KernelRule.RequestFilesOfRequests"/>.</summary>
    private static BlockAttribute OfRequests(string name, Func<BlockDevice, string?> show) =>
        OfQueue(name, static d => d is RequestDevice || !Has(d, KernelRule.RequestFilesOfRequests), show);

    /// <summary>block/blk-sysfs.c, 6.11, for devices that write nothing atomically.</summary>
    private static BlockAttribute OfAtomicWrites(string name) => OfQueue("atomic_write_" + name, static d => Has(d, KernelRule.AtomicWrites), _ => "0");

    private static IEnumerable<BlockAttribute> Queue()
    {
        yield return OfQueue("add_random", d => Text(d.Queue.AddRandom));
        foreach (string name in (string[])["boundary_bytes", "max_bytes", "unit_max_bytes", "unit_min_bytes"])
            yield return OfAtomicWrites(name);
        yield return Limit("chunk_sectors", l => l.ChunkSectors);
        yield return Fixed("dax", "0");
        yield return Limit("discard_granularity", l => l.DiscardGranularity);
        yield return Limit("discard_max_bytes", l => (ulong)l.MaxDiscardSectors << Sectors.Shift);
        yield return Limit("discard_max_hw_bytes", l => (ulong)l.MaxHwDiscardSectors << Sectors.Shift);
        yield return Fixed("discard_zeroes_data", "0");
        yield return FixedSince61("dma_alignment", "511");
        yield return Limit("fua", l => l.Fua ? 1u : 0);
        yield return Limit("hw_sector_size", l => l.LogicalBlockSize);
        yield return OfQueue("io_poll", d => Text(Polls(d)));
        // In 6.1 a queue without requests (QUEUE_FLAG_IO_STAT is blk-mq's) has neither statistics nor delays: its fields are what they began as.
        yield return OfQueue("io_poll_delay", d => IsLoop(d) || Has(d, KernelRule.LimitsValidated) ? "-1" : "0");
        yield return OfQueue("iostats", d => Text(d.Queue.CountsIo ?? (IsLoop(d) || Has(d, KernelRule.LimitsValidated))));
        yield return Limit("logical_block_size", l => l.LogicalBlockSize);
        yield return OfQueue("max_discard_segments", d => StandsAlone(d) ? Text(ushort.MaxValue) : "1");
        yield return Limit("max_hw_sectors_kb", l => l.MaxHwSectors >> 1);
        yield return Fixed("max_integrity_segments", "0");
        yield return Limit("max_sectors_kb", l => l.MaxSectors >> 1);
        yield return OfQueue("max_segment_size", d => StandsAlone(d) ? Text(uint.MaxValue) : "65536");
        yield return OfQueue("max_segments", d => StandsAlone(d) ? Text(ushort.MaxValue) : "128");
        yield return Limit("minimum_io_size", l => l.IoMin);
        yield return OfQueue("nomerges", d => Text(d.Queue.NoMerges));
        yield return OfRequests("nr_requests", d => Text(d.Queue.Requests));
        yield return Fixed("nr_zones", "0");
        yield return Limit("optimal_io_size", l => l.IoOpt);
        yield return Limit("physical_block_size", l => l.PhysicalBlockSize);
        yield return OfQueue("read_ahead_kb", ReadAhead);
        yield return Limit("rotational", l => l.NonRotational ? 0u : 1);
        yield return OfRequests("rq_affinity", d => Text(d.Queue.Affinity ?? (IsLoop(d) ? 1u : 0)));
        yield return OfRequests("scheduler", Scheduler);
        yield return OfQueue("stable_writes", d => Text(d.Queue.StableWrites));
        yield return FixedSince61("virt_boundary_mask", "0");
        // In 6.1 a loop device is throttled as the disk with platters that it is taken for when it is made (wbt_default_latency_nsec).
        yield return OfRequests("wbt_lat_usec", d => d.Queue.WritebackLatency is { } latency ? Text(latency) : !IsLoop(d) ? null
            : Has(d, KernelRule.LimitsValidated) ? "2000" : "75000");
        yield return OfQueue("write_cache", d => d.Limits.WriteCache ? "write back" : "write through");
        yield return Fixed("write_same_max_bytes", "0");
        yield return Limit("write_zeroes_max_bytes", l => (ulong)l.MaxWriteZeroesSectors << Sectors.Shift);
        yield return Fixed("zone_append_max_bytes", "0");
        yield return Fixed("zone_write_granularity", "0");
        yield return Fixed("zoned", "none");
    }

    /// <summary>elv_iosched_show. mq-deadline is a module since <see cref="KernelRule.RequestFilesOfRequests"/>, and not loaded.</summary>
    private static string Scheduler(BlockDevice device) => !IsLoop(device) ? "none"
        : Has(device, KernelRule.RequestFilesOfRequests) || !Has(device, KernelRule.DiskFilesOf61) ? "[none] "
        : device.Queue.Scheduler == "none" ? "[none] mq-deadline " : "[mq-deadline] none";

    private static IEnumerable<BlockAttribute> Mapped()
    {
        yield return OfMapped("dm/name", m => m.Cell is { } cell ? Encoding.Latin1.GetString(cell.Name) : "");
        // Kept for who still writes it (drivers/md/dm-rq.c).
        yield return OfMapped("dm/rq_based_seq_io_merge_deadline", _ => "0") with { Store = static (_, _) => Errno.None };
        yield return OfMapped("dm/suspended", m => Text(m.Suspended));
        yield return OfMapped("dm/use_blk_mq", _ => "1");
        yield return OfMapped("dm/uuid", m => m.Cell?.Uuid is { } uuid ? Encoding.Latin1.GetString(uuid) : "");
    }

    private static BlockAttribute OfMapped(string path, Func<MappedDevice, string> show) =>
        new(path, IsMapped, device => show((MappedDevice)device));

    private static IEnumerable<BlockAttribute> Loop()
    {
        yield return OfBoundLoop("loop/autoclear", l => Text((l.Flags & LoopInfo.LO_FLAGS_AUTOCLEAR) != 0));
        yield return OfBoundLoop("loop/backing_file", l => l.Store!.Path);
        yield return OfBoundLoop("loop/dio", l => Text((l.Flags & LoopInfo.LO_FLAGS_DIRECT_IO) != 0));
        yield return OfBoundLoop("loop/offset", l => Text(l.Offset));
        yield return OfBoundLoop("loop/partscan", l => Text(l.ScansPartitions));
        yield return OfBoundLoop("loop/sizelimit", l => Text(l.SizeLimit));
    }

    private static BlockAttribute OfBoundLoop(string path, Func<LoopDevice, string> show) =>
        new(path, device => device is LoopDevice { Store: not null }, device => show((LoopDevice)device));
}
