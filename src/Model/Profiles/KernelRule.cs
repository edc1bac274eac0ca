namespace DmSim.Model.Profiles;

/// <summary>A behaviour in which a later kernel differs from 6.1. Where it is named is the later kernel's source (6.12).</summary>
public enum KernelRule
{
    /// <summary>
    /// check_name (drivers/md/dm-ioctl.c): a device may not be called "control", "." or "..", and a slash is refused in other words.
    /// </summary>
    NamesOfNodesRefused,

    /// <summary>dm-zero 1.2 (zero_map, zero_io_hints): discards are dropped as writes are, and have no limit.</summary>
    ZeroTakesDiscards,

    /// <summary>
    /// dm_devt_from_path (drivers/md/dm-table.c): words that are no "major:minor" are a path and nothing else, and what its look-up says
    /// is the answer: ENOENT, ENOTBLK, ENOTDIR. Before, whatever the boot loader's root= takes was tried, and ENODEV said.
    /// </summary>
    PathsAreOnlyPaths,

    /// <summary>dm_get_device (drivers/md/dm-table.c, commit 077a4033541f): a table may not name its own device.</summary>
    SelfReferenceRefused,

    /// <summary>
    /// drivers/md/dm-flakey.c (parse_features, flakey_status, flakey_end_io): without features it has error_reads and error_writes and shows
    /// both, error_reads may be given, the table ends without a blank, and a byte of what was read is spoilt wherever the bio has been
    /// left. Its random_read_corrupt and random_write_corrupt are not modelled.
    /// </summary>
    FlakeyErrorsReads,

    /// <summary>blk_validate_limits (block/blk-settings.c): discards come in physical blocks at least, also where there are none.</summary>
    LimitsValidated,
}
