namespace DmSim.Model.Reasons;

/// <summary>What the on-disk metadata of pools says when it is not what it should be (drivers/md/dm-thin-metadata.c, persistent-data/).</summary>
internal static class MetadataReasons
{
    private const string Damaged = "the pool's metadata is damaged: run thin_check, and thin_repair onto another device";

    private const string NotMetadata = "the metadata device holds something that is neither empty nor a pool's metadata: for a new pool zero "
        + "its first 4096 bytes, for an old one run thin_check";

    public static IReadOnlyList<Reason> All { get; } =
    [
        new("thin metadata: changing the data block size (from {old} to {new}) is not supported",
            "the pool was made with blocks of {old} sectors: give the same, or zero the metadata's first 4096 bytes for a new pool"),
        new("thin metadata: Pool metadata snapshot already exists: release this before taking another.",
            "the pool has a metadata snapshot already: release it first (release_metadata_snap)"),
        new("thin metadata: No pool metadata snapshot found: nothing to release.", "the pool has no metadata snapshot: there is nothing to release"),
        new("thin metadata: mismatched transaction id", "the pool's transaction is another than the message says: the first number of its status says which"),
        new("thin metadata: cannot reduce size of space map", "a pool can only grow: give it the data device that it had"),
        new("thin metadata: could not access metadata due to unsupported {rest}",
            "the metadata uses features that this kernel does not have: use the kernel that wrote it, or a newer one"),
        new("thin metadata: attempt to close pmd when {count} device(s) are still open", "volumes of the pool are still active: remove them first"),
        new("thin metadata: sb_check failed: {rest}", NotMetadata),
        new("thin metadata: couldn't read superblock", NotMetadata) { IsGeneral = true },
        new("thin metadata: pre-commit callback failed", "the data device could not be flushed, so nothing was committed: look at the device"),
        new("block manager: superblock validator check failed for block {block}", NotMetadata) { IsGeneral = true },
        new("block manager: {validator} validator check failed for block {block}", Damaged) { IsGeneral = true },
        new("block manager: {rest}", Damaged) { IsGeneral = true },
        new("space map metadata: unable to allocate new metadata block", "the metadata device is full: grow it"),
        new("thin metadata: {rest}", "the pool could not work with its metadata ({rest}): look at the lines before; run thin_check") { IsGeneral = true },
        new("transaction manager: {rest}", Damaged) { IsGeneral = true },
        new("space map common: {rest}", Damaged) { IsGeneral = true },
        new("space map metadata: {rest}", "the metadata device is full or damaged ({rest}): look at its fill in the pool's status, run thin_check")
            { IsGeneral = true },
        new("btree: {rest}", Damaged) { IsGeneral = true },
        new("btree spine: {rest}", Damaged) { IsGeneral = true },
        new("bufio: {rest}", "a block of metadata was still held when its device was closed: a fault of the simulation") { IsGeneral = true },
        new("persistent data: kernel BUG in {function}", "a real kernel stops here with a bug in {function}: the metadata is damaged beyond what it checks"),
    ];
}
