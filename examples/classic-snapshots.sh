#!/usr/bin/env bash
# Lesson 12: classic snapshots
#
# Long before thin pools there was the snapshot target. It needs no pool: the origin may be any device. Before a chunk of the origin
# is written for the first time, its old contents are copied aside to a COW device (copy on write), where the snapshot finds them.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/classic-snapshots.sh
set -eu
for name in snapshot origin plain; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in snapshot origin plain; do dmsetup remove --retry "$name"; done
    losetup --detach ${disk:-} ${cow:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# The disk to be snapshot, and one that takes what is copied aside. It may be smaller: only changes go there.
yes "the old text..." | head -c 4M >disk.img
truncate -s 512K cow.img
disk=$(losetup --find --show disk.img)
cow=$(losetup --find --show cow.img)

# Three devices: the plain data; the origin, through which it is written from now on; and the snapshot. P: the snapshot outlives a
# reboot (persistent); chunks of 8 sectors. Who writes to the plain device directly goes behind the snapshot's back.
dmsetup create plain --table "0 8192 linear $disk 0"
dmsetup create snapshot --table "0 8192 snapshot /dev/mapper/plain $cow P 8"
dmsetup create origin --table "0 8192 snapshot-origin /dev/mapper/plain"
dmsetup table snapshot
dmsetup table origin

# Sectors used on the COW device, of how many, and how many of them are metadata: a header and a list of the chunks copied aside.
dmsetup status snapshot

# A write to the origin copies one chunk. The snapshot shows the old text.
put() { yes "$3" | head -c 4096 | dd of="/dev/mapper/$1" bs=4k seek="$2" oflag=direct conv=notrunc iflag=fullblock status=none; }
get() { dd if="/dev/mapper/$1" bs=4k skip="$2" count=1 iflag=direct status=none | head -n 1; }
put origin 5 "the new text"
get origin 5
get snapshot 5
dmsetup status snapshot

# The same chunk again: it has been copied already.
put origin 5 "newer still"
get snapshot 5
dmsetup status snapshot

# The snapshot can be written to as well. That is kept on the COW device too, and the origin knows nothing of it.
put snapshot 9 "an experiment"
get snapshot 9
get origin 9
dmsetup status snapshot

# A second snapshot would need a COW device of its own, and every write to the origin would copy once for each. This is why thin
# snapshots were invented.

# A COW device that runs full makes the snapshot worthless; the origin is not harmed. The event and the log tell.
events=$(dmsetup info -c --noheadings -o events snapshot)
dd if=/dev/zero of=/dev/mapper/origin bs=4k seek=100 count=200 oflag=direct conv=notrunc status=none
dmsetup status snapshot
dmesg | grep -o 'device-mapper: snapshots: .*' | tail -n 1
echo "events: $events before, $(dmsetup info -c --noheadings -o events snapshot) now"
dd if=/dev/mapper/snapshot of=/dev/null bs=4k count=1 iflag=direct status=none || echo "the snapshot is lost"
get origin 5
