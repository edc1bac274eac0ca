#!/usr/bin/env bash
# Lesson 4: error and zero, targets without a disk
#
# Two targets need no device below. error fails whatever is asked of it; zero reads as zeros and forgets what is written. Both are
# useful next to real pieces: error as a broken place on a disk, zero as a disk of any size that costs nothing.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/error-and-zero.sh
set -eu
for name in patient nothing; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in patient nothing; do dmsetup remove --retry "$name"; done
    losetup --detach "${disk:-}"
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A disk that is full of letters.
yes "All is well ..." | head -c 1M >disk.img
disk=$(losetup --find --show disk.img)

# The same disk with one sector that cannot be read: number 1000.
dmsetup create patient <<TABLE
0    1000 linear $disk 0
1000 1    error
1001 1047 linear $disk 1001
TABLE
dmsetup table patient

# Before and behind the broken place all is well. In it, there is an I/O error.
dd if=/dev/mapper/patient bs=512 skip=999 count=1 iflag=direct status=none | tail -n 1
dd if=/dev/mapper/patient bs=512 skip=1001 count=1 iflag=direct status=none | head -n 1
dd if=/dev/mapper/patient of=/dev/null bs=512 skip=1000 count=1 iflag=direct status=none || echo "sector 1000 is broken"

# A program that copies a whole disk meets it too. With conv=noerror,sync dd goes on behind it, and puts zeros in its place.
dd if=/dev/mapper/patient of=rescued.img bs=512 conv=noerror,sync iflag=direct 2>messages || true
grep -v copied messages
cmp -l disk.img rescued.img | wc -l

# zero: a device of 1 TiB, of which no byte exists.
dmsetup create nothing --table "0 2147483648 zero"
blockdev --getsize64 /dev/mapper/nothing
echo "forget me" | dd of=/dev/mapper/nothing bs=512 conv=sync,notrunc oflag=direct status=none
dd if=/dev/mapper/nothing bs=512 count=1 iflag=direct status=none | od -A d -c

# A device can lose its disk while it is in use: wipe_table puts an error target of the same length under it.
dmsetup wipe_table patient
dmsetup table patient
dd if=/dev/mapper/patient of=/dev/null bs=512 count=1 iflag=direct status=none || echo "now every sector is broken"
