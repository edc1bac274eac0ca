#!/usr/bin/env bash
# Lesson 1: a first mapped device
#
# Device-mapper makes block devices out of other block devices. A table says which sectors of the new device lie where on the old
# ones. The simplest table has one line, and its target is called linear.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/first-linear.sh
set -eu
for name in window; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    exec 5<&-
    dmsetup remove --retry window
    losetup --detach "${disk:-}"
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A disk to play with: a file of 1 MiB behind a loop device. Device-mapper counts in sectors of 512 bytes: it has 2048 of them.
truncate -s 1M disk.img
disk=$(losetup --find --show disk.img)
blockdev --getsz "$disk"

# The table: the new device starts at its sector 0, is 8 sectors long, and these are found on the disk from sector 100 on.
dmsetup create window --table "0 8 linear $disk 100"

# Now there is a device of its own, with a name in /dev/mapper and a size. The kernel tells its table with the disk's number.
blockdev --getsz /dev/mapper/window
dmsetup table window
dmsetup info window
dmsetup deps window

# What is written to the window's sector 1 is found in the disk's sector 101, and nowhere else.
echo "Hello from the window" | dd of=/dev/mapper/window bs=512 seek=1 conv=sync,notrunc oflag=direct status=none
dd if="$disk" bs=512 skip=101 count=1 iflag=direct status=none | tr -d '\0'

# Past its end there is nothing. Like any disk it takes what fits, and refuses the rest.
dd if=/dev/zero of=/dev/mapper/window bs=512 seek=7 count=2 oflag=direct status=none || echo "the ninth sector is refused"

# A table that asks for more than the disk has is refused as a whole. The program only says that the argument was invalid:
# why, stands in the kernel's log.
dmsetup create too-large --table "0 4096 linear $disk 0" || true
dmesg | grep -o 'device-mapper: table: .*too small.*' | tail -n 1

# A device that is in use cannot be removed.
exec 5</dev/mapper/window
dmsetup remove window || true
exec 5<&-
dmsetup remove window
