#!/usr/bin/env bash
# Lesson 13: going back, by merging a snapshot into its origin
#
# Before an upgrade a snapshot is taken. If the upgrade fails, the old state is wanted back, under the same name and without waiting.
# snapshot-merge does it: it copies the chunks back in the background, and shows the old state from the first moment on.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/snapshot-merge.sh
set -eu
for name in system before plain; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in system before plain; do dmsetup remove --retry "$name"; done
    losetup --detach ${disk:-} ${cow:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A system on a disk, reached through a snapshot-origin, and a snapshot of how it was before.
yes "version 1" | head -c 4M >disk.img
truncate -s 1M cow.img
disk=$(losetup --find --show disk.img)
cow=$(losetup --find --show cow.img)
dmsetup create plain --table "0 8192 linear $disk 0"
dmsetup create before --table "0 8192 snapshot /dev/mapper/plain $cow P 8"
dmsetup create system --table "0 8192 snapshot-origin /dev/mapper/plain"

# The upgrade writes 20 chunks.
yes "version 2" | head -c 80K | dd of=/dev/mapper/system bs=4k oflag=direct conv=notrunc iflag=fullblock status=none
version() { dd if="/dev/mapper/$1" bs=4k count=1 iflag=direct status=none | head -n 1; }
version system
version before
dmsetup status before

# It has failed. The snapshot's device goes; its COW device is handed to the system's device, whose new table says snapshot-merge.
dmsetup remove before
dmsetup suspend system
dmsetup load system --table "0 8192 snapshot-merge /dev/mapper/plain $cow P 8"
dmsetup resume system

# At once the old version is back. In the meantime the chunks are copied, the last first. When as many sectors are in use as there
# are of metadata, nothing is left to do.
version system
sleep 5
dmsetup status system

# Then the plain disk has the old version too, and the system gets a simple table again. Its users had it open all the time.
version plain
dmsetup load system --table "0 8192 linear $disk 0"
dmsetup resume system
dmsetup table system
version system
