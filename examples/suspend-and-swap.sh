#!/usr/bin/env bash
# Lesson 5: what suspend is for
#
# A mapped device has room for two tables: the live one, which answers I/O, and an inactive one, which is only prepared. Suspending
# holds all I/O back; resuming makes the prepared table the live one and lets the I/O go on. So the ground under a device can be
# changed while its users notice nothing but a pause.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/suspend-and-swap.sh
set -eu
for name in moving; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    dmsetup resume moving
    dmsetup remove --retry moving
    losetup --detach "${disk:-}"
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A disk, and a device that shows its first 8 sectors.
truncate -s 1M disk.img
disk=$(losetup --find --show disk.img)
dmsetup create moving --table "0 8 linear $disk 0"

# A new table goes into the inactive slot first. Nothing happens to the live one.
dmsetup load moving --table "0 8 linear $disk 1024"
echo "live:     $(dmsetup table moving)"
echo "inactive: $(dmsetup table --inactive moving)"
dmsetup info -c --noheadings -o name,tables_loaded,suspended moving

# While it is suspended a write waits: the program hangs, but gets no error.
dmsetup suspend moving
echo waiting | dd of=/dev/mapper/moving bs=4k conv=sync,notrunc oflag=direct status=none &
sleep 1
echo "writes that wait: $(jobs -r | wc -l)"
dmsetup info -c --noheadings -o name,tables_loaded,suspended moving

# Resume swaps the tables and lets the write through, to its new place.
dmsetup resume moving
wait
echo "live:     $(dmsetup table moving)"
dd if="$disk" bs=512 skip=1024 count=1 iflag=direct status=none | head -n 1

# A prepared table that is not wanted after all is cleared away.
dmsetup load moving --table "0 8 linear $disk 512"
dmsetup clear moving
dmsetup info -c --noheadings -o name,tables_loaded,suspended moving
