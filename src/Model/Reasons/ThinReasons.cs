namespace DmSim.Model.Reasons;

/// <summary>What thin-pool and thin say (drivers/md/dm-thin.c).</summary>
internal static class ThinReasons
{
    private static Reason Pool(string error, string sentence) => new($"table: {{dm}}: thin-pool: {error} (-{{errno}})", sentence);

    private static Reason Volume(string error, string sentence) => new($"table: {{dm}}: thin: {error} (-{{errno}})", sentence);

    private static IEnumerable<Reason> Pools =>
    [
        Pool("Invalid argument count", "thin-pool takes METADATA DATA BLOCK LOW_WATER, and got \"{words}\": add what is missing"),
        Pool("Error setting metadata or data device", "metadata and data need two devices, and \"{words}\" names one twice: give another"),
        .. TargetReasons.NoDevice("thin-pool", "Error opening metadata block device"),
        .. TargetReasons.NoDevice("thin-pool", "Error getting data device"),
        Pool("Invalid number of pool feature arguments",
            "the number before the features in \"{words}\" is not the number behind it (at most 4): count them again"),
        Pool("Unrecognised pool feature requested", "\"{words}\" has a feature that a pool does not know: it knows skip_block_zeroing, "
            + "ignore_discard, no_discard_passdown, read_only and error_if_no_space"),
        Pool("Invalid block size", "the block size in \"{words}\" must be a multiple of 128 sectors (64 KiB) up to 2097152 (1 GiB): choose such a one"),
        Pool("Invalid low water mark", "the low water mark in \"{words}\" is no number of blocks: give digits only"),
        Pool("metadata device already in use by a pool", "another pool keeps its metadata on that device: give each pool its own"),
        Pool("data device already in use by a pool", "this pool's metadata belongs to another data device: give the one it was made with"),
        Pool("different pool cannot replace a pool", "the device is a pool on other devices: remove it before another takes its name"),
        Pool("Discard support cannot be disabled once enabled",
            "the pool runs with discards, and ignore_discard comes too late: remove the pool and create it again to change that"),
        Pool("Error registering metadata threshold", "the pool cannot watch how full its metadata is ({errno}): its metadata is damaged, run thin_check"),
        new("table: {dm}: thin-pool: Error creating metadata object (-EILSEQ)",
            "what lies on the metadata device is neither empty nor sound pool metadata: for a new pool zero its first 4096 bytes, "
            + "for an old one run thin_check"),
        Pool("Error creating metadata object",
            "the pool cannot open or write its metadata ({errno}): look at the line before; for a new pool zero the device's first 4096 bytes"),
        new("thin: Metadata device {device} is larger than {size} sectors: excess space will not be used.",
            "a pool uses 16 GiB of metadata at most: what {device} has more is wasted"),
        new("thin: Data device ({device}) {reason}: Disabling discard passdown.",
            "{device} {reason}, so discards free blocks of the pool and are not passed on"),
        new("thin: {dm}: unable to service pool target messages in READ_ONLY or FAIL mode",
            "the pool takes no changes any more (see its status): free or add metadata space, or run thin_repair, and load the pool again"),
        new("thin: Unrecognised thin pool target message received: {word}",
            "a pool knows no message {word}: it knows create_thin, create_snap, delete, set_transaction_id, reserve_metadata_snap and "
            + "release_metadata_snap"),
        new("thin: Message received with {count} arguments instead of {wanted}.",
            "the message has {count} words and needs {wanted}: give them all, and no more"),
        new("thin: Message received with invalid device id: {id}", "a volume's number is 0 to 16777215, and {id} is not: give such a one"),
        new("thin: Creation of new thinly-provisioned device with id {id} failed.",
            "the pool has a volume {id} already, or no room for its record: choose another number, or look at the pool's status"),
        new("thin: Creation of new snapshot {id} of device {origin} failed.",
            "there is a volume {id} already, or none with the number {origin}: check both numbers"),
        new("thin: Deletion of thin device {id} failed.",
            "there is no volume {id}, or it is active: check the number, and remove its device first"),
        new("thin: set_transaction_id message: Unrecognised id {id}.", "{id} is no transaction's number: give digits only"),
        new("thin: set_transaction_id message: Unrecognised new id {id}.", "{id} is no transaction's number: give digits only"),
        new("thin: Failed to change transaction id from {old} to {new}.",
            "the pool's transaction is not {old}: the first number of its status says which it is"),
        new("thin: reserve_metadata_snap message failed.",
            "the pool has a metadata snapshot already, or cannot write one: release it first (release_metadata_snap)"),
        new("thin: release_metadata_snap message failed.", "the pool has no metadata snapshot to release"),
    ];

    private static IEnumerable<Reason> Volumes =>
    [
        Volume("Invalid argument count", "thin takes POOL NUMBER and perhaps an external ORIGIN, and got \"{words}\": give these"),
        Volume("Error setting origin device", "the pool itself cannot be the origin: give a device outside it"),
        .. TargetReasons.NoDevice("thin", "Error opening origin device"),
        .. TargetReasons.NoDevice("thin", "Error opening pool device"),
        Volume("Invalid device id", "a volume's number is 0 to 16777215, and the one in \"{words}\" is not: give such a one"),
        Volume("Couldn't get pool mapped device", "the first device in \"{words}\" is no mapped device: give the pool, /dev/mapper/NAME"),
        Volume("Couldn't find pool object", "the first device in \"{words}\" is no running pool: create and resume the thin-pool first"),
        Volume("Couldn't open thin device, Pool is in fail mode", "the pool has failed and gives no volumes: run thin_check and load it again"),
        new("table: {dm}: thin: Couldn't open thin internal device (-ENODATA)",
            "the pool has no volume of the number in \"{words}\": make it first, dmsetup message POOL 0 \"create_thin NUMBER\""),
        new("table: {dm}: thin: Couldn't open thin internal device (-EBUSY)",
            "another device has the volume in \"{words}\" open: a volume is active once only"),
        Volume("Couldn't open thin internal device",
            "the pool could not open the volume in \"{words}\" ({errno}): make it first, dmsetup message POOL 0 \"create_thin NUMBER\""),
        Volume("Unable to activate thin device while pool is suspended", "the pool is suspended: resume it first"),
    ];

    private static IEnumerable<Reason> Running =>
    [
        new("thin: {dm}: unable to switch pool to write mode until repaired.",
            "the metadata is marked as in need of a check: run thin_check --clear-needs-check-flag or thin_repair on it first"),
        new("thin: {dm}: switching pool to out-of-data-space (queue IO) mode",
            "the pool has no free block left: writes to new places wait 60 seconds for more room, then fail; grow the data device"),
        new("thin: {dm}: switching pool to out-of-data-space (error IO) mode",
            "the pool has no free block left: writes to new places fail; grow the data device or delete volumes"),
        new("thin: {dm}: switching pool to read-only mode", "the pool takes no changes any more: see the line before"),
        new("thin: {dm}: switching pool to fail mode", "the pool's metadata cannot be used: run thin_check, and thin_repair if need be"),
        new("thin: {dm}: switching pool to {mode} mode", "the pool is in {mode} mode now"),
        new("thin: {dm}: reached low water mark for data device: sending event.",
            "no more free blocks are left than the low water mark says: it is time to grow the data device"),
        new("thin: {dm}: reached low water mark for metadata device: sending event.",
            "the metadata device is nearly full: it is time to grow it"),
        new("thin: {dm}: failed to abort metadata transaction", "the metadata could not be rolled back: run thin_check"),
        new("thin: {dm}: failed to set 'needs_check' flag in metadata", "the metadata device cannot be written: look at the device"),
        new("thin: {dm}: metadata operation '{operation}' failed: error = {errno}",
            "the pool could not change its metadata ({operation}): it is full, or its device fails; see the pool's status"),
        new("thin: {dm}: aborting current metadata transaction", "what was not yet committed is given up"),
        new("thin: Could not get free metadata blocks", "the metadata cannot be read: run thin_check"),
        new("thin: No free metadata blocks", "the metadata device is full: grow it"),
        new("thin: {dm}: failed to retrieve {what} device size", "the metadata does not say how large the {what} device is: run thin_check"),
        new("thin: {dm}: pool target ({size} blocks) too small: expected {known}",
            "the pool has {known} blocks and the table gives it {size}: a pool can only grow, make the table longer"),
        new("thin: {dm}: metadata device ({size} blocks) too small: expected {known}",
            "the metadata device had {known} blocks and now has {size}: it can only grow, make it as large as it was"),
        new("thin: {dm}: unable to grow the {what} device until repaired.",
            "the metadata is marked as in need of a check: run thin_check --clear-needs-check-flag or thin_repair on it first"),
        new("thin: {dm}: growing the {what} device from {old} to {new} blocks", "the {what} device has grown, and the pool takes it in"),
        new("thin: __pool_destroy: dm_pool_metadata_close() failed.", "the pool's metadata was still in use when it went"),
        new("thin: {dm}: {function} returned {errno}", "the pool could not do this ({function}): see the lines before and its status"),
        new("thin: {function} returned {errno}", "the pool could not do this ({function}): see the lines before and its status"),
        new("thin: bio unserviceable, yet pool is in PM_WRITE mode", "the pool could not serve a request although it says it can"),
        new("thin: {dm}: {function} failed: error = {errno}", "the pool could not do this ({function}): see the lines before and its status"),
    ];

    public static IReadOnlyList<Reason> All { get; } = [.. Pools, .. Volumes, .. Running];
}
