namespace DmSim.Model.Reasons;

/// <summary>What is wrong with a table whatever its targets (drivers/md/dm-table.c), and what any constructor may say of a device.</summary>
internal static class TableReasons
{
    public static IReadOnlyList<Reason> All { get; } =
    [
        new("table: {dm}: {device} too small for target: start={start}, len={len}, dev_size={size}",
            "{device} has {size} sectors, the table asks for {start+len}: make the table or the device fit"),
        new("table: {dm}: {what}={value} not aligned to h/w logical block size {block} of {device}",
            "{device} works in blocks of {block} bytes, and the {what} of {value} sectors is not a whole number of them: "
            + "choose a multiple"),
        new("table: {dm}: table line {line} (start sect {start} len {len}) not aligned to h/w logical block size {block}",
            "a block of {block} bytes would lie across the end of a line at sector {start}: make lines end at whole blocks"),
        new("table: {dm}: adding target device {device} caused an alignment inconsistency: {rest}",
            "{device} does not begin on a boundary of its own blocks: the table is taken, but I/O may be slower"),
        new("table: {dm}: adding target device (start sect {start} len {len}) caused an alignment inconsistency",
            "the line at {start} does not lie on boundaries of the blocks below: the table is taken, but I/O may be slower"),

        new("table: {dm}: target type {type} must appear alone in table", "a {type} fills its table alone: give it a device of its own"),
        new("table: {dm}: zero-length target", "a line of length 0 maps nothing: give its length in sectors of 512 bytes"),
        new("table: {dm}: too large device", "the line ends behind the last sector that a device can have (2^54): make it shorter"),
        new("table: {dm}: {type}: unknown target type",
            "no target type is called {type}: \"dmsetup targets\" lists those this kernel has; others need a module"),
        new("table: {dm}: {type}: singleton target type must appear alone in table",
            "a {type} fills its table alone: give it a device of its own"),
        new("table: {dm}: {type}: singleton target type must appear alone in table (-EINVAL)",
            "a {type} fills its table alone: give it a device of its own"),
        new("table: {dm}: {type}: target type may not be included in a read-only table (-EINVAL)",
            "a {type} has to write: load the table without --readonly"),
        new("table: {dm}: {type}: immutable target type cannot be mixed with other target types (-EINVAL)",
            "a {type} stands with lines of its own type only: give the others a device of their own"),
        new("table: {dm}: {type}: Gap in table (-EINVAL)",
            "the line \"{line}\" does not begin where the one before ends: lines must follow each other without a gap, from sector 0"),
        new("table: {dm}: {type}: Unknown error (-{errno})",
            "the {type} target refused the line and did not say why ({errno})") { IsGeneral = true },

        new("table: {dm}: device {device} not in table devices list",
            "one line names {device} twice, to read and to write: the kernel lost track of the first, so give the target two different devices"),
        new("table: {dm}: dm_table_destroy: dm_put_device call missing for {device}",
            "the table that was refused named {device} twice, and the kernel lets go of it only now: give the target two different devices"),

        new("VFS: PARTUUID= is invalid.\nExpected PARTUUID=<valid-uuid-id>[/PARTNROFF=%d]",
            "a device given as PARTUUID= needs a partition's uuid behind it: give a path or MAJOR:MINOR instead"),
        new("{who}: attempt to access beyond end of device\n{device}: rw={rw}, sector={sector}, nr_sectors = {count} limit={limit}",
            "{device} ends at sector {limit}, and I/O went to {sector+count}: it has become smaller than the table on it says"),
        new("{device}: detected capacity change from {old} to {new}", "{device} has another size than before: nothing is wrong with that"),
        new("Buffer I/O error on dev {device}, logical block {block}{rest}",
            "block {block} of {device} could not be read or written back: look at the device below, and at the line before"),
        new("Trying to write to read-only block-device {device}", "{device} is read-only: what writes to it fails"),
        new("{kind} error, dev {device}, sector {sector} op {rest}",
            "{device} failed at sector {sector} ({kind} error): look at the device below"),
        new("{function}: partition scan of {device} failed (rc={code})",
            "the partitions of {device} could not be read anew (rc={code}; -16: one of them is in use): close what uses them, then blockdev --rereadpt"),
        new("{device}: p{number} start {sector} is beyond EOD, truncated", "partition {number} of {device} begins at sector {sector}, past the disk's end: it is left out"),
        new("{device}: p{number} size {sectors} extends beyond EOD, truncated", "partition {number} of {device} is to have {sectors} sectors, more than the disk has there: it ends with the disk"),
        new("{device}: partition table partially beyond EOD, truncated", "part of the table of partitions of {device} lies past the disk's end: the partitions named there are missing"),
        new("{device}: partition table beyond EOD, truncated", "the table of partitions of {device} lies past the disk's end: make the disk larger, or write a new table"),
        new("Alternate GPT is invalid, using primary GPT.", "the copy of the GPT at the end of the disk is damaged or missing, the one at its start is used: sgdisk -e writes it anew"),
        new("Invalid logical block size ({size})", "a device has blocks of 512, 1024, 2048 or 4096 bytes, and {size} is none of them: choose one"),
        new("loop: deleting an unspecified loop device is not supported.", "which loop device to delete was not said: give its number"),
        new("block device autoloading is deprecated and will be removed.", "a device was made because its number was opened: make it beforehand"),
        new("writes to the poll attribute are ignored.", "whether a queue is polled is decided by its driver: leave queue/io_poll alone"),
        new("please use driver specific parameters instead.", "whether a queue is polled is decided by its driver: see the parameters of its module"),
        new("{function}: {count} callbacks suppressed", "{count} more lines of the same kind were left out"),
    ];
}
