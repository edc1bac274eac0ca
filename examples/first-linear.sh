#!/usr/bin/env bash
# A first mapped device: half of one disk and half of another, end to end.
# Runs as root on any Linux box, or without root on a real kernel in a VM:  scripts/dmsim vm examples/first-linear.sh
set -eu
cd "$(mktemp -d)"

# Two disks of 1 MiB (2048 sectors of 512 bytes), as files behind loop devices.
truncate -s 1M first.img second.img
first=$(losetup --find --show first.img)
second=$(losetup --find --show second.img)
trap 'dmsetup remove joined 2>/dev/null; losetup -d $first $second' EXIT

# A table has one line per piece: where it starts, how long it is, which target, and the target's own words.
dmsetup create joined <<EOF
0    1024 linear $first 1024
1024 1024 linear $second 0
EOF
dmsetup table joined
dmsetup info -c --noheadings -o name,segments,open,suspended joined

# What is written across the seam comes out of both disks.
yes DmSim | head -c 1024 | dd of=/dev/mapper/joined bs=512 seek=1023 oflag=direct conv=notrunc status=none
dd if="$first" bs=512 skip=2047 count=1 iflag=direct status=none | head -c 6
dd if="$second" bs=512 count=1 iflag=direct status=none | tail -c 6
