namespace DmSim.Harness.Reports;

/// <summary>
/// Where in the kernel an operation is carried out: where to read on when a model and a kernel differ in it (Linux 6.1; the names are
/// the same from 5.10 to 7.3 unless noted).
/// </summary>
internal static class KernelSources
{
    private const string Ioctl = "drivers/md/dm-ioctl.c";

    private static readonly Dictionary<string, string> ByVerb = new(StringComparer.Ordinal)
    {
        ["version"] = $"{Ioctl} check_version",
        ["create"] = $"{Ioctl} dev_create, dm_hash_insert; drivers/md/dm.c alloc_dev",
        ["load"] = $"{Ioctl} table_load, populate_table; drivers/md/dm-table.c dm_table_add_target, dm_table_complete",
        ["clear"] = $"{Ioctl} table_clear",
        ["suspend"] = $"{Ioctl} do_suspend; drivers/md/dm.c dm_suspend",
        ["resume"] = $"{Ioctl} do_resume; drivers/md/dm.c dm_swap_table, dm_resume",
        ["remove"] = $"{Ioctl} dev_remove; drivers/md/dm.c dm_lock_for_deletion, __dm_destroy",
        ["remove-all"] = $"{Ioctl} dm_hash_remove_all",
        ["rename"] = $"{Ioctl} dev_rename, dm_hash_rename",
        ["set-uuid"] = $"{Ioctl} dev_rename, dm_hash_rename",
        ["message"] = $"{Ioctl} target_message, message_for_md",
        ["wait"] = $"{Ioctl} dev_wait; drivers/md/dm.c dm_wait_event",
        ["set-geometry"] = $"{Ioctl} dev_set_geometry",
        ["arm-poll"] = $"{Ioctl} dev_arm_poll, dm_poll",
        ["info"] = $"{Ioctl} dev_status, __dev_status",
        ["status"] = $"{Ioctl} table_status, retrieve_status",
        ["table"] = $"{Ioctl} table_status, retrieve_status",
        ["deps"] = $"{Ioctl} table_deps, retrieve_deps",
        ["ls"] = $"{Ioctl} list_devices",
        ["targets"] = $"{Ioctl} list_versions",
        ["target-version"] = $"{Ioctl} get_target_version",
        ["ioctl"] = $"{Ioctl} ctl_ioctl, copy_params, validate_params",
        ["open"] = "drivers/md/dm.c dm_blk_open; block/bdev.c blkdev_get_by_dev",
        ["close"] = "drivers/md/dm.c dm_blk_close; block/bdev.c blkdev_put",
        ["read"] = "block/fops.c blkdev_read_iter, blkdev_direct_IO; drivers/md/dm.c dm_submit_bio",
        ["write"] = "block/fops.c blkdev_write_iter, blkdev_direct_IO; drivers/md/dm.c dm_submit_bio",
        ["discard"] = "block/ioctl.c blk_ioctl_discard; block/blk-lib.c __blkdev_issue_discard",
        ["secure-erase"] = "block/ioctl.c blk_ioctl_secure_erase",
        ["zero-out"] = "block/ioctl.c blk_ioctl_zeroout; block/blk-lib.c blkdev_issue_zeroout",
        ["flush"] = "block/blk-flush.c blkdev_issue_flush; drivers/md/dm.c __send_empty_flush",
        ["attribute"] = "block/genhd.c part_stat_show, disk_attrs; block/blk-sysfs.c queue_attr_show, queue_attr_store; drivers/md/dm-sysfs.c",
        ["loop-attach"] = "drivers/block/loop.c loop_configure",
        ["loop-detach"] = "drivers/block/loop.c loop_clr_fd, __loop_clr_fd",
        ["loop-resize"] = "drivers/block/loop.c loop_set_capacity",
    };

    /// <summary>File and functions, or null for what the kernel has no code of its own for.</summary>
    public static string? For(string verb) => ByVerb.GetValueOrDefault(verb);
}
