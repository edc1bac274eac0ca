namespace DmSim.Property.Thin.PlantedBugs;

/// <summary>What could be wrong in pools and volumes, one line each.</summary>
internal static class ThinBugs
{
    private const string Pool = "Thin/ThinPool", Metadata = "Thin/PoolMetadata", Data = "PersistentData/";

    public static IReadOnlyList<SourceBug> All { get; } = [.. InTrees(), .. InMetadata(), .. InSpace(), .. InModes(), .. InIo(), .. InTargets()];

    private static IEnumerable<SourceBug> InTrees() =>
    [
        new("allocation-order", "data blocks are searched from the start each time", Data + "DiskSpaceMap.cs",
            "_searchFrom = unchecked(block + 1);", "_searchFrom = 0;"),
        new("block-reused-too-early", "what this transaction gave back is taken again before it is committed", Data + "SpaceMapCore.cs",
            "if (errno != Errno.None || count == 0)", "if (errno != Errno.None || count <= 9)"),
        new("children-not-counted", "a shared node is copied without counting its children once more", Data + "ShadowSpine.cs",
            "if (errno == Errno.None && incrementChildren)", "if (errno == Errno.None && incrementChildren && location == 0)"),
        new("original-not-given-up", "who makes a shadow keeps the original as well", Data + "TransactionManager.cs",
            "errno = _space.Decrement(original);", "errno = Errno.None;"),
        new("overflow-by-two", "a count beyond three grows by two", Data + "SpaceMapCore.Counting.cs",
            "unchecked(LittleEndian.ReadU32(leaf.Block, offset) + 1)", "unchecked(LittleEndian.ReadU32(leaf.Block, offset) + 2)"),
        new("overflow-not-moved-back", "a count that falls to two stays in the overflow tree's name", Data + "SpaceMapCore.Counting.cs",
            "new SpaceMapBitmap(context.Bitmap!.Data).Set(entry, 2);", "new SpaceMapBitmap(context.Bitmap!.Data).Set(entry, 1);"),
        new("hint-not-lowered", "the hint where free entries begin stays behind a freed one", Data + "SpaceMapCore.Counting.cs",
            "context.NoneFreeBefore = Math.Min(context.NoneFreeBefore, entry);", "context.NoneFreeBefore = Math.Max(context.NoneFreeBefore, entry);"),
        new("split-point", "of an odd number the lower half of a split has more", Data + "Btree.Insert.cs",
            "uint leftTarget = total / 2;", "uint leftTarget = (total + 1) / 2;"),
        new("three-not-two", "at the edges of a node two become three", Data + "Btree.Insert.cs",
            "count <= 2 || index == 0 || index + 1 == count", "count <= 2 || index == 0"),
        new("sibling-threshold", "a sibling with less room is taken for worth filling", Data + "Btree.Insert.cs",
            "private const uint SpaceThreshold = 8;", "private const uint SpaceThreshold = 2;"),
        new("old-value-kept", "what an overwritten mapping named is still counted", Data + "Btree.Insert.cs",
            "_valueType.Decrement(node.Block, offset, 1);", "_valueType.Decrement(node.Block, offset, 0);"),
        new("tree-not-followed", "a deleted tree gives up its root only", Data + "Btree.Delete.cs",
            "if (references > 1)", "if (references > 0)"),
    ];

    private static IEnumerable<SourceBug> InMetadata() =>
    [
        new("snapshot-time", "time does not go on with a snapshot", Metadata + ".Devices.cs", "_time = unchecked(_time + 1);", "_time = unchecked(_time + 0);"),
        new("origin-unmarked", "an origin does not know that it has a snapshot", Metadata + ".Devices.cs",
            "origin.Details = origin.Details with { SnapshottedTime = _time };", "origin.Details = origin.Details with { };"),
        new("shared-by-age", "a block as old as the last snapshot counts as shared", "Thin/ThinDeviceMetadata.cs",
            "Details.SnapshottedTime > time", "Details.SnapshottedTime >= time"),
        new("mapped-twice", "an overwritten mapping counts as one more", Metadata + ".Mappings.cs", "if (inserted)", "if (inserted || _root != 0)"),
        new("transaction-id-unchecked", "set_transaction_id takes any current id", Metadata + ".Transactions.cs",
            "if (_transactionId != current)", "if (_transactionId > current)"),
        new("transaction-id-of-device", "a new device does not get the pool's transaction id", Metadata + ".Devices.cs",
            "new DeviceDetails(0, _transactionId, _time, _time)", "new DeviceDetails(0, 0, _time, _time)"),
        new("held-root-unheld", "the metadata snapshot's tree is not held", Metadata + ".Space.cs",
            "Live.Manager.Increment(super.DataMappingRoot);", "Live.Manager.Increment(super.DeviceDetailsRoot);"),
        new("held-root-leaks", "a released metadata snapshot leaves its tree behind", Metadata + ".Space.cs",
            "Live.Mappings.Delete(super.DataMappingRoot);", "Live.Details.Delete(super.DeviceDetailsRoot);"),
        new("second-snapshot", "a second metadata snapshot is agreed to", Metadata + ".Space.cs",
            "taking another.\");\n        return Errno.EBUSY;", "taking another.\");\n        return Errno.None;"),
        new("needs-check-lost", "needs_check is forgotten with the next commit", Metadata + ".Transactions.cs",
            "_flags |= ThinSuperblock.NeedsCheckFlag;", "_flags |= 0;"),
        new("delete-while-open", "a volume in use is deleted", Metadata + ".Devices.cs", "if (device.OpenCount > 1)", "if (device.OpenCount > 2)"),
        new("discard-miscounted", "a discard leaves the number of mapped blocks", Metadata + ".Mappings.cs",
            "unchecked(device.Details.MappedBlocks - removed)", "unchecked(device.Details.MappedBlocks - removed / 2)"),
    ];

    private static IEnumerable<SourceBug> InSpace() =>
    [
        new("watermark-off-by-one", "the low water event comes one block too late", Pool + ".Provisioning.cs",
            "free.Value > control.LowWaterBlocks", "free.Value >= control.LowWaterBlocks"),
        new("watermark-once", "a resume does not arm the low water event again", Pool + ".Suspend.cs",
            "_lowWaterTriggered = false;", "_lowWaterTriggered |= false;"),
        new("metadata-threshold", "the metadata event comes at an eighth", "Thin/PoolControl.cs",
            "ThinPool.MetadataDeviceBlocks(MetadataDevice.Device).Value / 4", "ThinPool.MetadataDeviceBlocks(MetadataDevice.Device).Value / 8"),
        new("threshold-exclusive", "the metadata event comes one block too late", Data + "FreeThreshold.cs", "if (free <= _threshold &&", "if (free < _threshold &&"),
        new("reserve-shown", "blocks kept back for commits are shown as free", Metadata + ".Space.cs",
            "count < _metadataReserve ? 0 : count - _metadataReserve", "count"),
    ];

    private static IEnumerable<SourceBug> InModes() =>
    [
        new("mode-without-event", "a change of mode raises no event", Pool + ".Modes.cs",
            "RaiseEvent();\n        Log.Info(Module, $\"{Name}: switching", "Log.Info(Module, $\"{Name}: switching"),
        new("impatient", "a full pool gives up after 30 seconds", "Machine/KernelParameters.cs", "NoSpaceTimeoutSeconds { get; set; } = 60", "NoSpaceTimeoutSeconds { get; set; } = 30"),
        new("policy-not-restored", "after the time-out a pool that has room again still errors", Pool + ".Modes.cs",
            "Control?.Requested.ErrorIfNoSpace ?? false", "Features.ErrorIfNoSpace"),
        new("wrong-mode", "without data space a pool is read-only", Pool + ".Modes.cs",
            "Mode == PoolMode.OutOfDataSpace ? \"out_of_data_space\" : IsReadOnlyMode(Mode)", "Mode == PoolMode.OutOfDataSpace ? \"ro\" : IsReadOnlyMode(Mode)"),
        new("no-way-back", "a full pool stays full when a block is freed", Pool + ".Modes.cs",
            "Mode != PoolMode.OutOfDataSpace || Metadata.GetFreeDataBlocks(out var free) != Errno.None || free.Value == 0", "Mode != PoolMode.ReadOnly || Metadata.GetFreeDataBlocks(out var free) != Errno.None"),
        new("messages-when-read-only", "a read-only pool takes messages", "Thin/PoolMessages.cs", "pool.Mode >= PoolMode.OutOfMetadataSpace", "pool.Mode >= PoolMode.Fail"),
        new("repaired-by-itself", "needs_check does not keep a pool from writing", Pool + ".Modes.cs",
            "if (mode == PoolMode.Write && Metadata.NeedsCheck)", "if (mode == PoolMode.Fail && Metadata.NeedsCheck)"),
        new("aborted-but-writable", "a metadata operation that failed leaves the pool writable", Pool + ".Modes.cs",
            "AbortTransaction();\n        SetMode(PoolMode.ReadOnly);", "AbortTransaction();"),
    ];

    private static IEnumerable<SourceBug> InIo() =>
    [
        new("sharing-not-broken", "a write to a shared block goes to that block", Pool + ".Provisioning.cs",
            "else if (found.Shared)\n        {\n            ProcessSharedBio", "else if (found.Shared && !bio.IsWrite)\n        {\n            ProcessSharedBio"),
        new("zeroing-skipped", "a new block keeps what was there", Pool + ".Provisioning.cs",
            "if (!Features.ZeroNewBlocks)\n        {\n            InsertPrepared", "if (Features.ZeroNewBlocks && !OverwritesBlock(bio))\n        {\n            InsertPrepared"),
        new("zeroing-not-skipped", "skip_block_zeroing zeroes", Pool + ".Provisioning.cs",
            "if (!Features.ZeroNewBlocks)\n        {\n            InsertPrepared", "if (bio.SectorCount == 0)\n        {\n            InsertPrepared"),
        new("error-code-when-full", "a write without room fails with EIO", Pool + ".Provisioning.cs",
            "Features.ErrorIfNoSpace ? BlkStatus.NoSpc : BlkStatus.Ok", "Features.ErrorIfNoSpace ? BlkStatus.IoErr : BlkStatus.Ok"),
        new("origin-tail", "the end of an external origin is copied a sector short", Pool + ".Provisioning.cs",
            "Math.Min(BlockSectors, volume.OriginSize - begin)", "Math.Min(BlockSectors, volume.OriginSize - begin) - 1"),
        new("flush-without-commit", "a flush does not commit", Pool + ".Bios.cs", "bio.IsFlush && volume.Metadata.Changed;", "bio.IsFlush && volume.Metadata.OpenCount == 0;"),
        new("lost-discard", "a discard of a single block is lost", Pool + ".Discards.cs", "if (end <= begin)", "if (end <= begin + 1)"),
        new("discard-too-much", "a discard takes the block that it begins in", Pool + ".Discards.cs",
            "(bio.Sector + BlockSectors - 1) / BlockSectors", "bio.Sector / BlockSectors"),
        new("passdown-of-shared", "discards of shared blocks are passed down", Pool + ".Discards.cs", "errno = mapping.MaybeShared\n", "errno = mapping.MaybeShared && mapping.Actions > 0\n"),
        new("lazy-commit", "commits come every four seconds", Pool + ".Worker.cs", "CommitPeriod = Jiffies.PerSecond;", "CommitPeriod = 4 * Jiffies.PerSecond;"),
        new("no-retry", "a resume does not try again what waited for room", Pool + ".Suspend.cs",
            "volume.DeferredBios.AddRange(volume.RetryOnResume);\n            volume.RetryOnResume.Clear();", "volume.DeferredBios.AddRange([]);"),
        new("volumes-not-suspended", "volumes go on while their pool is suspended", Pool + ".Suspend.cs",
            "await volume.Device.InternalSuspendNoflushAsync();", "await Task.CompletedTask;\n        foreach (var volume in _volumes)\n            await volume.Device.InternalSuspendNoflushAsync();\n        foreach (var volume in _volumes)\n            await volume.Device.InternalResumeAsync();"),
    ];

    private static IEnumerable<SourceBug> InTargets() =>
    [
        new("load-while-suspended", "a volume can be loaded while its pool is suspended", "Targets/ThinTarget.cs", "if (pool.Suspended)", "if (pool.Suspended && poolDevice is null)"),
        new("highest-sector", "the highest mapped sector is the first of its block", "Targets/ThinTarget.cs",
            "unchecked((block.Value + 1) * size - 1)", "unchecked(block.Value * size)"),
        new("stale-status", "a status does not commit", "Targets/ThinPoolTarget.cs", "if (!noflush && !Table.Owner.Suspended)", "if (noflush && !Table.Owner.Suspended)"),
        new("block-size-limit", "blocks of more than 1 GiB are taken", "Targets/ThinPoolTarget.cs", "MaxBlockSectors = 1 << 21", "MaxBlockSectors = 1 << 22"),
        new("id-limit", "ids of 25 bits are taken", "Thin/PoolMessages.cs", "MaxDeviceId = (1 << 24) - 1", "MaxDeviceId = (1 << 25) - 1"),
        new("shrink-accepted", "a smaller table is taken for the size of before", Pool + ".Suspend.cs", "if (size < known.Value)\n        {\n            Log.Err(Module, $\"{Name}: pool target", "if (size == 0)\n        {\n            Log.Err(Module, $\"{Name}: pool target"),
    ];
}
