namespace DmSim.Model.Blocks;

/// <summary>What user space sets of a request queue in sysfs and the queue's limits do not say (block/blk-sysfs.c, 6.1).</summary>
internal sealed class QueueSettings
{
    /// <summary>1: only the latest request is tried; 2: nothing merges.</summary>
    public uint NoMerges { get; set; }

    /// <summary>QUEUE_FLAG_ADD_RANDOM.</summary>
    public bool AddRandom { get; set; }

    /// <summary>QUEUE_FLAG_IO_STAT; null where nobody has said.</summary>
    public bool? CountsIo { get; set; }

    /// <summary>Percent of the dirty memory that the device may have at most, and at least (bdi).</summary>
    public uint MaxRatio { get; set; } = 100;

    public uint MinRatio { get; set; }

    /// <summary>BLK_INTEGRITY_VERIFY and BLK_INTEGRITY_GENERATE; null where nobody has said.</summary>
    public bool? VerifiesReads { get; set; }

    public bool? GeneratesForWrites { get; set; }

    /// <summary>Runtime power management: "auto" or "on", which is nothing to a device without power states.</summary>
    public string Power { get; set; } = "auto";

    /// <summary>The latency that writeback is throttled for, in microseconds; null where nobody has said.</summary>
    public ulong? WritebackLatency { get; set; }

    public uint? Affinity { get; set; }

    public bool StableWrites { get; set; }

    /// <summary>nr_requests.</summary>
    public uint Requests { get; set; } = RequestDevice.Tags;

    /// <summary>Which scheduler it has. The order in which a loop device's requests reach its file is nothing that programs see.</summary>
    public string Scheduler { get; set; } = "none";
}
