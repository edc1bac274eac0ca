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

    public uint? Affinity { get; set; }

    public bool StableWrites { get; set; }

    /// <summary>nr_requests.</summary>
    public uint Requests { get; set; } = RequestDevice.Tags;

    /// <summary>Which scheduler it has. The order in which a loop device's requests reach its file is nothing that programs see.</summary>
    public string Scheduler { get; set; } = "none";
}
