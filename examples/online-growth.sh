#!/usr/bin/env bash
# Lesson 6: growing a device that is in use
#
# Suspend and resume are all it takes to make a device larger under a file system or a program that works on it.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/online-growth.sh
set -eu
for name in growing; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    exec 5<&-
    dmsetup remove --retry growing
    losetup --detach ${first:-} ${second:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A device that is all of a disk of 4 MiB, with a file system on it.
truncate -s 4M first.img
first=$(losetup --find --show first.img)
dmsetup create growing --table "0 8192 linear $first 0"
mke2fs -q -t ext4 -b 1024 -U 6f2d1c3e-0000-4000-8000-000000000001 /dev/mapper/growing

# Somebody has the device open all the time.
exec 5</dev/mapper/growing
dmsetup info -c --noheadings -o name,open growing

# A second disk is there. The new table is the old one and one line more; it is loaded while the old one works.
truncate -s 8M second.img
second=$(losetup --find --show second.img)
dmsetup load growing <<TABLE
0    8192  linear $first 0
8192 16384 linear $second 0
TABLE
blockdev --getsz /dev/mapper/growing

# dmsetup resume suspends the device, swaps the tables and resumes it. Only now is the device larger.
dmsetup resume growing
blockdev --getsz /dev/mapper/growing
dmsetup table growing

# A device that is grown is not yet a file system that is grown: that is another program's work.
dumpe2fs -h /dev/mapper/growing 2>/dev/null | grep '^Block count'
e2fsck -f -p /dev/mapper/growing >/dev/null
resize2fs /dev/mapper/growing >/dev/null 2>&1
dumpe2fs -h /dev/mapper/growing 2>/dev/null | grep '^Block count'
e2fsck -f -n /dev/mapper/growing >/dev/null 2>&1 && echo "the file system is sound"

# A loop device grows with its file when it is told to look again. The mapped device above it needs its own new table.
truncate -s 16M second.img
losetup --set-capacity "$second"
blockdev --getsz "$second"
dmsetup reload growing <<TABLE
0    8192  linear $first 0
8192 32768 linear $second 0
TABLE
dmsetup resume growing
blockdev --getsz /dev/mapper/growing
