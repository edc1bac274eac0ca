#!/usr/bin/env bash
# Lesson 3: striping, taking turns
#
# Where linear fills one disk after the other, striped deals out chunks in turn, like cards. A long read then keeps all disks busy
# at once.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/striping.sh
set -eu
for name in stripes; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    dmsetup remove --retry stripes
    losetup --detach ${a:-} ${b:-} ${c:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# Three disks of 2048 sectors.
truncate -s 1M a.img b.img c.img
a=$(losetup --find --show a.img)
b=$(losetup --find --show b.img)
c=$(losetup --find --show c.img)

# Three stripes, chunks of 8 sectors (4 KiB), and for each stripe its disk and where it starts there.
dmsetup create stripes --table "0 6144 striped 3 8 $a 0 $b 0 $c 0"
dmsetup table stripes

# The status has a letter for each stripe: A as long as no I/O has failed there, D for dead after that.
dmsetup status stripes

# Six chunks are written, each full of its own number. They are dealt out: 0 and 3 to the first disk, 1 and 4, 2 and 5 to the others.
for chunk in 0 1 2 3 4 5; do
    head -c 4096 /dev/zero | tr '\0' "$chunk"
done | dd of=/dev/mapper/stripes bs=4k oflag=direct conv=notrunc status=none
for disk in "$a" "$b" "$c"; do
    dd if="$disk" bs=4k count=2 iflag=direct status=none | tr -s '0-9'
    echo
done

# The kernel publishes which I/O suits the device: one chunk at least, and best of all a whole row of three.
blockdev --getiomin --getioopt /dev/mapper/stripes

# The length must be a multiple of the number of stripes, and each disk's share a multiple of the chunk.
dmsetup create uneven --table "0 6143 striped 3 8 $a 0 $b 0 $c 0" || true
dmsetup create uneven --table "0 6141 striped 3 8 $a 0 $b 0 $c 0" || true
dmesg | grep -o 'device-mapper: table: .*striped: .*' | tail -n 2
