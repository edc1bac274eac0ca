namespace DmSim.Model.Profiles;

/// <summary>
/// A behaviour that some kernels have and others do not. What is named is the source of a kernel that has it, and the release that
/// brought it; stable releases of older kernels may have been given it since.
/// </summary>
public enum KernelRule
{
    /// <summary>
    /// What a control call is refused for is logged by DMERR, not DMWARN (drivers/md/dm-ioctl.c and dm-table.c, 6.1), a message to
    /// statistics by DMCRIT (drivers/md/dm-stats.c).
    /// </summary>
    RefusalsAreErrors,

    /// <summary>A table that cannot be made ends its line with the errno: "(-EINVAL)" (dm_table_add_target, drivers/md/dm-table.c, 6.1).</summary>
    TableErrorsNameErrno,

    /// <summary>More than one of name, uuid and number is a line in the log (__find_device_hash_cell, drivers/md/dm-ioctl.c, 6.1).</summary>
    ContradictionsLogged,

    /// <summary>
    /// Devices are listed, and removed all at once, in order of name (name_rb_tree, drivers/md/dm-ioctl.c, 5.12). Before, in that of 64
    /// buckets by a hash of the name, and in each bucket the latest first.
    /// </summary>
    NamesInOrder,

    /// <summary>DM_LIST_DEVICES gives flags and uuids, and can be asked for a prefix (list_devices, filter_device, drivers/md/dm-ioctl.c, 5.13).</summary>
    ListsHaveUuids,

    /// <summary>A resume that changes the size says RESIZE=1 in its uevent (do_resume, drivers/md/dm-ioctl.c, 6.1).</summary>
    ResizesAnnounced,

    /// <summary>"detected capacity change" counts sectors (set_capacity_and_notify, block/genhd.c, 5.11). Before, bytes.</summary>
    LoopCapacityInSectors,

    /// <summary>The line for a request that failed has no function's name before it (blk_print_req_error, block/blk-mq.c, 5.16).</summary>
    RequestErrorsPlain,

    /// <summary>
    /// I/O beyond the end of a device is logged with the task's name, its first sector and length, and a write to a read-only device without a
    /// partition's number (bio_check_eod, bio_check_ro, block/blk-core.c, 6.1).
    /// </summary>
    BioChecksNameTask,

    /// <summary>
    /// Flags for polling, the bio cache, swap and drivers stand before that for zeroing without unmapping (include/linux/blk_types.h, 6.1).
    /// </summary>
    PolledRequests,

    /// <summary>A loop device that loses its file says DISK_MEDIA_CHANGE=1 (disk_force_media_change, block/disk-events.c, 5.17).</summary>
    LoopMediaChange,

    /// <summary>A message to a device without a live table is EINVAL and a line in the log (target_message, drivers/md/dm-ioctl.c, 7.x and stable releases).</summary>
    MessageNeedsTable,

    /// <summary>data_start of a reply lies in the request even where that is shorter than the header (get_result_buffer, drivers/md/dm-ioctl.c, 7.x and stable releases).</summary>
    ResultBufferInsideRequest,

    /// <summary>
    /// The specs of a table lie behind each other and on eight bytes, or are refused in words of their own (populate_table, next_target,
    /// drivers/md/dm-ioctl.c, 6.12). Before, they could overlap the header and each other.
    /// </summary>
    TableSpecsChecked,

    /// <summary>"device start" after error is a device whose limits it takes over, and discards fail with EIO (io_err_ctr, drivers/md/dm-target.c, 6.9).</summary>
    ErrorTakesDevice,

    /// <summary>No bio crosses a chunk of a striped device, and its limits say so (stripe_io_hints, drivers/md/dm-stripe.c, 6.11 and stable releases).</summary>
    StripedChunksBound,

    /// <summary>
    /// A loop device whose file cannot be zeroed offers it no more, and one without a file keeps its write cache (loop_clear_limits,
    /// __loop_clr_fd, drivers/block/loop.c, 6.11).
    /// </summary>
    LoopLimitsUpdated,

    /// <summary>
    /// What is read beyond the end of a loop device's file is an error, and what is there is read (lo_complete_rq, drivers/block/loop.c, stable releases
    /// of 6.12 and later ones). Before, the whole request was zeros.
    /// </summary>
    LoopReadsEnd,

    /// <summary>A file on tmpfs can be opened for direct I/O, and a loop device over it so (shmem_file_open, mm/shmem.c, 6.6).</summary>
    FilesTakeDirectIo,

    /// <summary>A partition that is made or changed by hand may not reach beyond its disk: EINVAL (blkpg_do_ioctl, block/ioctl.c, 6.7).</summary>
    PartitionsWithinDisk,

    /// <summary>
    /// Every disk's integrity data would be verified and made, as long as nobody turns that off, and a table that hands it on is capable of it
    /// (flag_show, block/blk-integrity.c; queue_limits_stack_integrity, block/blk-settings.c, 6.11; no more in 7.3).
    /// </summary>
    IntegrityUnlessRefused,

    /// <summary>
    /// Only queues with requests have the files that are about them (blk_mq_queue_attr_visible, block/blk-sysfs.c, 6.12), and
    /// mq-deadline is a module (Debian's configuration).
    /// </summary>
    RequestFilesOfRequests,

    /// <summary>A disk has a file that says whether its partitions are looked for, and that of its flags says nothing (block/genhd.c, 6.12).</summary>
    DisksTellOfScans,

    /// <summary>
    /// A flag for atomic writes stands before that for zeroing without unmapping (include/linux/blk_types.h, 6.11), and queues have files
    /// about them (block/blk-sysfs.c).
    /// </summary>
    AtomicWrites,

    /// <summary>Of a write to a read-only device is told once, not each time (bio_check_ro, block/blk-core.c, 6.8).</summary>
    ReadOnlyToldOnce,

    /// <summary>
    /// A mapped device is a block device from its first table on (dm_setup_md_queue, drivers/md/dm.c, 5.15). Before, from its creation on.
    /// </summary>
    DisksFromTables,

    /// <summary>
    /// Lists of devices and of target types are filled as far as the buffer goes before DM_BUFFER_FULL is said, and their length is that
    /// of what is in them (list_devices, list_version_get_info, drivers/md/dm-ioctl.c, 7.x).
    /// </summary>
    ListsFilledAsFarAsTheyGo,

    /// <summary>No feature of flakey may be given twice, and corrupt_bio_byte takes its four words (parse_features, drivers/md/dm-flakey.c, 7.x).</summary>
    FlakeyFeaturesStrict,

    /// <summary>A discard of a striped device is as large as one of every stripe together, in whole rounds (stripe_io_hints, drivers/md/dm-stripe.c, 7.x).</summary>
    StripedDiscardsWhole,

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
    /// left. Writes are spoilt in a copy, pages of zeros too. It has random_read_corrupt and random_write_corrupt.
    /// </summary>
    FlakeyErrorsReads,

    /// <summary>
    /// A plug is a single list of requests: only one of the same queue is merged with, and none are sorted (struct blk_plug,
    /// blk_attempt_plug_merge, block/blk-merge.c, 5.16). Before, every request of the queue was tried, and those of several queues were sorted.
    /// </summary>
    PlugsAreLists,

    /// <summary>
    /// The requests of a plug go to their driver in the order in which they came (blk_add_rq_to_plug, block/blk-mq.c, 6.13 and
    /// stable releases; before 5.16 as well). In between, those of one queue went newest first.
    /// </summary>
    PlugsKeepOrder,

    /// <summary>
    /// WRITE ZEROES that fail are not followed by writes of zeros, unless the device says that it does not have them (blkdev_issue_zeroout,
    /// block/blk-lib.c, 6.11).
    /// </summary>
    ZeroOutFailsForGood,

    /// <summary>WRITE ZEROES are split at chunks, as reads and writes are (bio_split_write_zeroes, block/blk-merge.c, 6.13 and stable releases).</summary>
    ZeroesKeepToChunks,

    /// <summary>BLKSECDISCARD looks at the limit of secure erase before the range (blk_ioctl_secure_erase, block/ioctl.c, 5.19).</summary>
    SecureEraseHasLimit,

    /// <summary>A direct read of one bio is synchronous, as it is waited for by submit_bio_wait (__blkdev_direct_IO_simple, block/fops.c, 6.1).</summary>
    DirectReadsSynchronous,

    /// <summary>
    /// Bios without a priority get that of the task which submits them (bio_set_ioprio, block/blk-mq.c, 6.1). Before, only direct I/O had one.
    /// </summary>
    PrioritiesOfTasks,

    /// <summary>
    /// A direct write is plugged only when it takes several bios, as a read is (blkdev_write_iter, block/fops.c, 6.4). Before,
    /// each was, so that what tables made of its bio could be merged.
    /// </summary>
    DirectWritesUnplugged,

    /// <summary>I/O to a device of no size is beyond its end (bio_check_eod, block/blk-core.c, 6.1). Before, its driver was asked.</summary>
    EmptyDevicesBounded,

    /// <summary>No line in the log tells of I/O to a device of no size (bio_check_eod, block/blk-core.c, 7.3).</summary>
    EmptyDevicesUntold,

    /// <summary>
    /// A merge over a store that is not persistent is refused when its table is loaded (snapshot_ctr, drivers/md/dm-snap.c, 7.3 and stable releases).
    /// Without it the table is taken, and a kernel ends when the merge begins; the model refuses it all the same.
    /// </summary>
    TransientMergeRefused,

    /// <summary>
    /// The granularity of discards is divided by, though it may be less than a sector (queue_limit_discard_alignment, block/blk-settings.c, 7.3): a
    /// snapshot with discard_zeroes_cow and chunks of less than 512 sectors ends the kernel. The model goes on as others do.
    /// </summary>
    DiscardGranularityDivides,

    /// <summary>
    /// blk_validate_limits (block/blk-settings.c): discards come in physical blocks at least, features are limits that are inherited, the largest
    /// I/O follows from what the hardware and the user say, and a block size that is none is a line in the log.
    /// </summary>
    LimitsValidated,

    /// <summary>A device that does not limit I/O otherwise takes 4 MiB at once (BLK_DEF_MAX_SECTORS_CAP, include/linux/blkdev.h, 7.3). Before, 1,280 KiB.</summary>
    LargerIoIsUsual,

    /// <summary>
    /// A discard of a thin volume is of 1,024 blocks at most (thin_io_hints, drivers/md/dm-thin.c, 6.5), and ends where such a range
    /// does (max_discard_granularity, drivers/md/dm.c). Before, of 16 GiB.
    /// </summary>
    ThinDiscardsByRange,

    /// <summary>
    /// Whether there is a metadata snapshot is known without a look at the superblock, so that a second one is refused before anything is committed
    /// (__reserve_metadata_snap, drivers/md/dm-thin-metadata.c, 7.3 and stable releases of others than 6.12).
    /// </summary>
    HeldRootKnown,

    /// <summary>
    /// Statistics count I/O as merged that goes on where the last of its direction ended (dm_stats_account_io, drivers/md/dm-stats.c, 7.3 and stable
    /// releases of others than 6.12, there from 6.12.117). Without it that of sector 1 after one of its direction, and that of sector 0 after any other.
    /// </summary>
    StatisticsKnowMerges,

    /// <summary>
    /// A region of statistics has at most 2^23 areas, and 2^27 buckets of histograms in all (DM_STAT_MAX_ENTRIES, DM_STAT_MAX_HISTOGRAM_ENTRIES,
    /// drivers/md/dm-stats.c, 6.12). Before, as many as there is memory for.
    /// </summary>
    StatisticsBounded,

    /// <summary>What is scanned of a number past 64 bits is the largest there is (_parse_integer_limit, lib/kstrtox.c, 7.3). Before, it wraps.</summary>
    ScannedNumbersSaturate,

    /// <summary>
    /// Bios of four pages or less, and the first clone of a device that polled when its table was loaded, are taken from a cache, which a flag says
    /// (bio_alloc_bioset, block/bio.c, 7.3; dm_table_alloc_md_mempools, drivers/md/dm-table.c). Before, io_uring had to ask for it.
    /// </summary>
    BiosFromCaches,

    /// <summary>
    /// A flush of a table that is all linear and striped goes to each device below it once, and no target hears of it
    /// (flush_bypasses_map, __send_empty_flush, drivers/md/dm.c, 6.11). Before, to every line.
    /// </summary>
    FlushesGoToDevices,

    /// <summary>Data with a flush goes on at once to a single device below such a table (dm_split_and_process_bio, drivers/md/dm.c, 7.3). Before, after the flush.</summary>
    FlushesKeepData,

    /// <summary>
    /// Where no delay is of 50 ms or more, a thread looks at the time until none is left (flush_worker_fn, drivers/md/dm-delay.c, 6.10). Before, a
    /// timer was set, which fires a tick later.
    /// </summary>
    ShortDelaysPolled,

    /// <summary>
    /// BLKDISCARD of a read-only device is refused before its range is looked at, and nothing else that is discarded is looked at (blk_ioctl_discard,
    /// block/ioctl.c; blk_alloc_discard_bio, block/blk-lib.c, 6.10).
    /// </summary>
    DiscardsCheckedFirst,

    /// <summary>
    /// Requests of a loop device are merged (loop_add, drivers/block/loop.c, 6.2 and stable releases). Before, only while it reads its
    /// file directly (__loop_update_dio).
    /// </summary>
    LoopMerges,

    /// <summary>
    /// Who discards, zeroes or erases a range of a device holds the locks of its inode meanwhile (blk_ioctl_discard, block/ioctl.c,
    /// blkdev_fallocate, block/fops.c, 5.16). Before, nobody waited for another, and fallocate looked once more for pages that had come
    /// meanwhile.
    /// </summary>
    RangesLocked,

    /// <summary>
    /// Metadata count references by ranges of blocks, and keep index entries of the data's space map in memory for a while (sm_ll_inc,
    /// disk_ll_load_ie, drivers/md/persistent-data/dm-space-map-common.c, 5.14). Before, block by block, so that trees and bitmaps lie
    /// elsewhere.
    /// </summary>
    SpaceMapsCountRanges,

    /// <summary>
    /// Who gives up a transaction of thin metadata writes and forgets what the block manager holds, and keeps that, read-only as it may
    /// be (dm_pool_abort_metadata, drivers/md/dm-thin-metadata.c, 6.2 and stable releases). Before, another took its place, which could
    /// be written to and was opened before the old one had written.
    /// </summary>
    AbortKeepsBlockManager,

    /// <summary>
    /// Who waits first for a lock to write is handed it when it is given back, if he is a real-time task (rwsem_try_write_lock,
    /// kernel/locking/rwsem.c, 5.16). Before, only the second time: the first time who gave it back may take it once more.
    /// </summary>
    LocksHandedOver,

    /// <summary>
    /// What is left of a bio of which a piece was sent is the same bio, and pieces count when they go on their way
    /// (dm_split_and_process_bio, dm_start_io_acct, drivers/md/dm.c, 5.18; dm_io_rewind, 6.0). Before, each piece had a bio of its own, so
    /// that it is pushed back by itself, and all that was left counted as begun when it came, but only the piece as ended.
    /// </summary>
    PiecesCountWhenSent,

    /// <summary>Each opening of a block device holds its driver's module (blkdev_get_by_dev, block/bdev.c, 6.1). Before, all of a device hold it once.</summary>
    OpeningsHoldModule,

    /// <summary>The type in a reply's target spec is padded with zeros to its end (strscpy_pad in retrieve_status, drivers/md/dm-ioctl.c, 6.12). Before, its last byte stays.</summary>
    TargetTypesPadded,

    /// <summary>
    /// The last close of a loop device with a file waits until its queue has stood still (blk_mq_freeze_queue in __lo_release,
    /// drivers/block/loop.c, 5.10; gone since 5.15): a grace period, which ends three ticks on.
    /// </summary>
    LoopCloseFreezes,

    /// <summary>A device that is made because its number was opened is told of (blkdev_get_no_open, block/bdev.c, 5.18). Before, it was made in silence.</summary>
    AutoloadingDeprecated,

    /// <summary>
    /// The store of a snapshot is opened before it is compared with the origin (snapshot_ctr, drivers/md/dm-snap.c, 6.12): of one that is the same
    /// device the opening for reading is upgraded, and the origin's is not in the table's list any more.
    /// </summary>
    StoresOpenedFirst,

    /// <summary>
    /// What a loop device is given is done by workers of a queue with WQ_UNBOUND, as a thin pool's work is (loop_queue_work, drivers/block/loop.c,
    /// 5.14). Before, by a thread of its own.
    /// </summary>
    LoopHasWorkers,

    /// <summary>
    /// Changed blocks of metadata are written in the order in which they were changed first (lru_insert and cache_mark, drivers/md/dm-bufio.c,
    /// 6.4). Before, in the order in which they were looked for last.
    /// </summary>
    BlocksKeepPlaces,

    /// <summary>
    /// Of two threads of the lowest rank that have slept for long, the one that was made first runs first. Since 6.6 the one that was woken first
    /// (pick_eevdf, kernel/sched/fair.c); seen on 5.10 as well.
    /// </summary>
    OlderRunsFirst,

    /// <summary>Logical blocks have up to 64 KiB (BLK_MAX_BLOCK_SIZE, include/linux/blkdev.h, 6.15). Before, a page at most.</summary>
    LargeBlocks,

    /// <summary>A bio of a mapped device is counted when it has ended (bdev_end_io_acct, block/blk-core.c, 6.3). Before, when it begins.</summary>
    BiosCountWhenDone,

    /// <summary>A mapped device whose queue/iostats is 0 does not count (DM_IO_BLK_STAT, drivers/md/dm.c, 6.12). Before, it counts in any case.</summary>
    BiosMayGoUncounted,

    /// <summary>
    /// What sysfs says of a disk in 6.1: dma_alignment and virt_boundary_mask of its queue, that nobody traces it, media_change among a loop device's
    /// events, mq-deadline. 5.10 has none of it, and prints all of a disk's flags as its capability.
    /// </summary>
    DiskFilesOf61,

    /// <summary>
    /// A hole in a file of tmpfs that is read by way of a loop device stays one (shmem_file_read_iter, mm/shmem.c, 5.18). Before, it gets pages.
    /// </summary>
    ReadsLeaveHoles,

    /// <summary>A disk with platters and without an optimal I/O size reads two of its largest ahead (blk_apply_bdi_limits, block/blk-settings.c, 6.18).</summary>
    PlattersReadAhead,
}
