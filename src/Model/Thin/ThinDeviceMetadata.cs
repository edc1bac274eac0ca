namespace DmSim.Model.Thin;

/// <summary>
/// A thin device as its pool's metadata know it, while it is open or changed: struct dm_thin_device. What it says is in the
/// details tree after the next commit.
/// </summary>
public sealed class ThinDeviceMetadata
{
    internal ThinDeviceMetadata(ThinId id, DeviceDetails details, bool changed)
    {
        Id = id;
        Details = details;
        Changed = changed;
        OpenCount = 1;
    }

    /// <summary>dm_thin_dev_id.</summary>
    public ThinId Id { get; }

    /// <summary>dm_thin_changed_this_transaction.</summary>
    public bool Changed { get; internal set; }

    /// <summary>dm_thin_aborted_changes: the last transaction that was given up had changes to this device.</summary>
    public bool AbortedWithChanges { get; internal set; }

    internal int OpenCount { get; set; }

    internal DeviceDetails Details { get; set; }

    /// <summary>
    /// __snapshotted_since: a block put there before the last snapshot is taken for shared, even when the snapshot has gone its own way
    /// since.
    /// </summary>
    internal bool WasSnapshottedAfter(uint time) => Details.SnapshottedTime > time;
}

/// <summary>Where a virtual block is: struct dm_thin_lookup_result.</summary>
/// <param name="Block">Its data block.</param>
/// <param name="Shared">Whether another device may have it too.</param>
public readonly record struct ThinLookup(DataBlock Block, bool Shared);

/// <summary>A run of virtual blocks that lie in consecutive data blocks (dm_thin_find_mapped_range).</summary>
/// <param name="Begin">The first virtual block.</param>
/// <param name="End">The one behind the last.</param>
/// <param name="DataBegin">The data block of the first.</param>
/// <param name="MaybeShared">Whether other devices may have them too.</param>
public readonly record struct MappedRange(VirtualBlock Begin, VirtualBlock End, DataBlock DataBegin, bool MaybeShared);
