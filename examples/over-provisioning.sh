#!/usr/bin/env bash
# Lesson 9: over-provisioning, and what the watermark is for
#
# Thin volumes may promise more than there is, as a bank lends more than lies in its vault. That works as long as somebody looks
# after the pool: the watermark tells in time, and the pool is grown. This lesson shows both: in time, and too late.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/over-provisioning.sh
set -eu
for name in one two bank; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in one two bank; do dmsetup remove --retry "$name"; done
    losetup --detach ${metadata:-} ${data:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# A pool of 128 blocks of 64 KiB (128 sectors): 8 MiB. Its event comes when no more than 32 blocks are free.
truncate -s 2M metadata.img
truncate -s 8M data.img
metadata=$(losetup --find --show metadata.img)
data=$(losetup --find --show data.img)
dmsetup create bank --table "0 16384 thin-pool $metadata $data 128 32"

# Two volumes of 16 MiB each: four times what the pool has.
dmsetup message bank 0 "create_thin 1"
dmsetup message bank 0 "create_thin 2"
dmsetup create one --table "0 32768 thin /dev/mapper/bank 1"
dmsetup create two --table "0 32768 thin /dev/mapper/bank 2"
dmsetup status bank

# 96 blocks are written: 32 are free, and nothing happens yet. The kernel looks before it takes the next block: the 97th brings the
# event, and a line in its log.
events() { dmsetup info -c --noheadings -o events bank; }
echo "events: $(events)"
dd if=/dev/zero of=/dev/mapper/one bs=64K count=96 oflag=direct conv=notrunc status=none
echo "events: $(events)"
dd if=/dev/zero of=/dev/mapper/two bs=64K count=1 oflag=direct conv=notrunc status=none
echo "events: $(events)"
dmesg | grep -o 'device-mapper: thin: .*low water mark.*' | tail -n 1

# In time: the data device is made larger, and the pool is told by a table with its new length. No volume notices.
truncate -s 12M data.img
losetup --set-capacity "$data"
dmsetup load bank --table "0 24576 thin-pool $metadata $data 128 32"
dmsetup resume bank
dmsetup status bank

# Too late: 12 MiB more are written, and the pool has not even 6. Writes beyond that are not refused at once: they wait, for a minute,
# that somebody grows the pool.
dd if=/dev/zero of=/dev/mapper/two bs=64K seek=1 count=192 oflag=direct conv=notrunc status=none &
writer=$!
sleep 5
dmsetup status bank
echo "writers that wait: $(jobs -r | wc -l)"

# This time somebody comes within the minute: the writer goes on as if nothing had been.
truncate -s 24M data.img
losetup --set-capacity "$data"
dmsetup load bank --table "0 49152 thin-pool $metadata $data 128 32"
dmsetup resume bank
wait "$writer" && echo "the writer has come to its end"
dmsetup status bank

# A pool may also be asked to refuse at once, with error_if_no_space. Then the writer learns that the disk is full.
dmsetup load bank --table "0 49152 thin-pool $metadata $data 128 32 1 error_if_no_space"
dmsetup resume bank
dd if=/dev/zero of=/dev/mapper/one bs=64K seek=96 count=160 oflag=direct conv=notrunc status=none || echo "no more room"
dmsetup status bank

# What a volume no longer needs it gives back by a discard; the pool is at work again.
blkdiscard --offset 0 --length 8M /dev/mapper/two
dmsetup status bank
