#!/usr/bin/env bash
# What suspend is for: the table under a device is changed while its users notice nothing but a pause.
# Runs as root on any Linux box, or:  scripts/dmsim vm examples/suspend-and-swap.sh
set -eu
cd "$(mktemp -d)"

truncate -s 1M disk.img
disk=$(losetup --find --show disk.img)
trap 'dmsetup remove moving 2>/dev/null; losetup -d $disk' EXIT

dmsetup create moving --table "0 8 linear $disk 0"
echo "live:     $(dmsetup table moving)"

# A new table goes into the inactive slot first; nothing happens to the live one.
dmsetup load moving --table "0 8 linear $disk 1024"
echo "live:     $(dmsetup table moving)"
echo "inactive: $(dmsetup table --inactive moving)"

# While suspended, a write waits; resume swaps the tables and lets it through, to its new place.
dmsetup suspend moving
echo waiting | dd of=/dev/mapper/moving bs=4k conv=sync oflag=direct status=none &
sleep 1
echo "a write is waiting: $(jobs -r | wc -l)"
dmsetup resume moving
wait
echo "live:     $(dmsetup table moving)"
dd if="$disk" bs=512 skip=1024 count=1 iflag=direct status=none | head -n 1
