#!/usr/bin/env bash
# Lesson 10: thin snapshots
#
# A snapshot of a thin volume is a volume like any other, that begins with the same blocks. Whoever writes to a shared block gets a
# block of its own. So there may be snapshots of snapshots, any number of them, and none is slower than the first.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/thin-snapshots.sh
set -eu
for name in work monday tuesday archive; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in work monday tuesday archive; do dmsetup remove --retry "$name"; done
    losetup --detach ${metadata:-} ${data:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A pool in blocks of 64 KiB, and a volume called work.
truncate -s 2M metadata.img
truncate -s 16M data.img
metadata=$(losetup --find --show metadata.img)
data=$(losetup --find --show data.img)
dmsetup create archive --table "0 32768 thin-pool $metadata $data 128 0"
dmsetup message archive 0 "create_thin 0"
dmsetup create work --table "0 16384 thin /dev/mapper/archive 0"

# How many data blocks are in use stands in the sixth word of the pool's status. A helper for it, and two to write and read a block.
used() { dmsetup status archive | cut -d ' ' -f 6; }
put() { yes "$3" | head -c 65536 | dd of="/dev/mapper/$1" bs=64K seek="$2" oflag=direct conv=notrunc iflag=fullblock status=none; }
get() { dd if="/dev/mapper/$1" bs=64K skip="$2" count=1 iflag=direct status=none | head -n 1; }

# Three blocks of work.
put work 0 "first page"
put work 1 "second page"
put work 2 "third page"
used

# Monday's snapshot. While the origin is suspended all that was written is in it, and nothing half.
dmsetup suspend work
dmsetup message archive 0 "create_snap 1 0"
dmsetup resume work
dmsetup create monday --table "0 16384 thin /dev/mapper/archive 1"
used

# The work goes on: the second page is written anew, and a fourth is added. That takes two blocks. Monday's pages are as they were.
put work 1 "second page, improved"
put work 3 "fourth page"
used
get work 1
get monday 1

# A page that the snapshot never had reads as zeros.
get monday 3 | od -A n -c | head -n 1

# Less than a whole block is written: then the rest of it has to be copied first.
echo "a note on the third page" | dd of=/dev/mapper/work bs=512 seek=$((2 * 128)) conv=sync,notrunc oflag=direct status=none
used
get work 2
dd if=/dev/mapper/work bs=512 skip=$((2 * 128 + 1)) count=1 iflag=direct status=none | sed -n 2p
get monday 2

# Tuesday's snapshot, of the snapshot: monday is written to as well, and becomes a branch of its own.
dmsetup suspend monday
dmsetup message archive 0 "create_snap 2 1"
dmsetup resume monday
dmsetup create tuesday --table "0 16384 thin /dev/mapper/archive 2"
put monday 0 "first page, another end"
used
get work 0
get monday 0
get tuesday 0

# How much each has, in sectors, and its last sector. It does not tell what is shared.
dmsetup status work
dmsetup status monday
dmsetup status tuesday

# To go back to Tuesday: its snapshot simply takes the place of the volume. The device keeps its name; its table names another number.
dmsetup load work --table "0 16384 thin /dev/mapper/archive 2"
dmsetup remove tuesday
dmsetup resume work
get work 1

# A snapshot that is deleted gives back what only it has had.
dmsetup remove monday
dmsetup message archive 0 "delete 1"
used
