#!/usr/bin/env bash
# Lesson 2: concatenation, many pieces make one device
#
# A table may have many lines. Each says where its piece starts in the new device, how long it is, and which target answers for it.
# This is how a volume manager makes one large volume out of the free corners of several disks.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/concatenation.sh
set -eu
for name in joined; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    dmsetup remove --retry joined
    losetup --detach ${first:-} ${second:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# Two disks of 2048 sectors.
truncate -s 1M first.img second.img
first=$(losetup --find --show first.img)
second=$(losetup --find --show second.img)

# The second half of one and the first half of the other, end to end. A table of several lines is read from the standard input.
dmsetup create joined <<TABLE
0    1024 linear $first 1024
1024 1024 linear $second 0
TABLE
dmsetup table joined
dmsetup info -c --noheadings -o name,segments,devnos_used joined

# What is written across the seam comes out of both disks: one sector each.
yes "across the seam" | head -c 1024 | dd of=/dev/mapper/joined bs=1024 count=1 oflag=seek_bytes,direct seek=523776 conv=notrunc status=none
dd if="$first" bs=512 skip=2047 count=1 iflag=direct status=none | head -n 1
dd if="$second" bs=512 count=1 iflag=direct status=none | tail -n 1

# Lines must follow each other without a gap. The kernel builds the table line by line, and stops at the first that does not fit.
dmsetup create gap <<TABLE || true
0    1024 linear $first 0
1032 1016 linear $second 0
TABLE
dmesg | grep -o 'device-mapper: table: .*Gap in table.*' | tail -n 1

# One disk may serve several devices, and even twice the same sectors: nothing checks that pieces do not overlap. Here both halves
# of a device are the same sectors of one disk, so that what is written at its beginning can be read in its middle as well.
dmsetup remove joined
dmsetup create joined <<TABLE
0    1024 linear $first 0
1024 1024 linear $first 0
TABLE
echo "seen twice" | dd of=/dev/mapper/joined bs=512 conv=sync,notrunc oflag=direct status=none
dd if=/dev/mapper/joined bs=512 skip=1024 count=1 iflag=direct status=none | tr -d '\0'
