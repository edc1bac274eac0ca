#!/usr/bin/env bash
# Lesson 7: disks that are slow, or fail now and then
#
# How does a program behave on a bad disk? With delay and flakey one need not wait for a disk to go bad.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/failing-disks.sh
set -eu
for name in slow flaky; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in slow flaky; do dmsetup remove --retry "$name"; done
    losetup --detach "${disk:-}"
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A disk with a word in its first sector.
echo "the first sector" >disk.img
truncate -s 1M disk.img
disk=$(losetup --find --show disk.img)

# delay: reads take 2000 ms longer, writes are as fast as ever. Three numbers more would be for the writes.
dmsetup create slow --table "0 2048 delay $disk 0 2000"
dmsetup status slow
dd if=/dev/mapper/slow bs=512 count=1 iflag=direct status=none | tr -d '\0' &
sleep 1
echo "after one second: $(dmsetup status slow)"
wait

# flakey: up for 5 seconds, down for 3, in turn. While it is down, I/O fails.
dmsetup create flaky --table "0 2048 flakey $disk 0 5 3"
dd if=/dev/mapper/flaky bs=512 count=1 iflag=direct status=none | tr -d '\0'
sleep 6
dd if=/dev/mapper/flaky of=/dev/null bs=512 count=1 iflag=direct status=none || echo "it is down"
sleep 3
dd if=/dev/mapper/flaky bs=512 count=1 iflag=direct status=none | tr -d '\0'

# Worse than failing is lying. With drop_writes, writes are taken while it is down, and are lost without a word.
dmsetup load flaky --table "0 2048 flakey $disk 0 0 1 1 drop_writes"
dmsetup resume flaky
echo "a new word" | dd of=/dev/mapper/flaky bs=512 conv=sync,notrunc oflag=direct status=none && echo "written, says the disk"
dd if="$disk" bs=512 count=1 iflag=direct status=none | tr -d '\0'

# corrupt_bio_byte changes one byte on its way: here the third of each write becomes an X (88). Checksums are for this.
dmsetup load flaky --table "0 2048 flakey $disk 0 0 1 5 corrupt_bio_byte 3 w 88 0"
dmsetup resume flaky
echo "a new word" | dd of=/dev/mapper/flaky bs=512 conv=sync,notrunc oflag=direct status=none
dd if=/dev/mapper/flaky bs=512 count=1 iflag=direct status=none | tr -d '\0'
