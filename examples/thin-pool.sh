#!/usr/bin/env bash
# Lesson 8: thin provisioning, from a mistake to a pool with volumes
#
# A pool has two devices: one holds data, in blocks of one size; the other holds metadata, which says which block belongs to which
# volume. A volume gets its blocks when they are first written. This is an experiment with its failure, and how it is put right.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/thin-pool.sh
set -eu
for name in snapshot volume pool; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in snapshot volume pool; do dmsetup remove --retry "$name"; done
    losetup --detach ${metadata:-} ${data:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# Two files of 100000 sectors: one for metadata, one for data.
truncate -s $((100000 * 512)) thin-metadata.img thin-data.img
metadata=$(losetup --find --show thin-metadata.img)
data=$(losetup --find --show thin-data.img)

# A pool of 1000000 sectors, in blocks of 512. The last number is the watermark: when no more than 1000 blocks are free, an event
# tells. The data device has only 100000 sectors, so this is refused, and the kernel's log says why.
dmsetup create pool --table "0 1000000 thin-pool $metadata $data 512 1000" || true
dmesg | grep -o 'device-mapper: .* too small for target: .*' | tail -n 1

# No larger than its data device it is taken. 100000 sectors are 195 blocks of 512; the event shall come when 150 are left.
dmsetup create pool --table "0 100000 thin-pool $metadata $data 512 150"
dmsetup status pool

# In the status there is the transaction number, then metadata blocks used and in all, data blocks used and in all. Metadata is
# counted in blocks of 4 KiB, and some of it is taken already: the pool has to note what is free.
dmsetup message pool 0 "create_thin 0"
dmsetup create volume --table "0 1000000 thin /dev/mapper/pool 0"
dmsetup status volume

# The volume has ten times as many sectors as there are. After 10 blocks of 256 KiB have been written, it has just these.
dd if=/dev/zero of=/dev/mapper/volume bs=256K count=10 oflag=direct status=none
dmsetup status volume
dmsetup status pool

# A snapshot shares all its blocks with the origin: it takes none of its own. The origin is suspended while it is made, so that
# nothing is under way.
dmsetup suspend volume
dmsetup message pool 0 "create_snap 1 0"
dmsetup resume volume
dmsetup create snapshot --table "0 1000000 thin /dev/mapper/pool 1"
dmsetup status snapshot
dmsetup status pool

# Only what either of the two writes from now on takes new blocks.
dd if=/dev/zero of=/dev/mapper/volume bs=256K count=4 oflag=direct conv=notrunc status=none
dmsetup status pool

# Who waits for the pool's next event is woken when the watermark is reached: 41 blocks more, and fewer than 150 are free.
seen=$(dmsetup info -c --noheadings -o events pool)
dmsetup wait pool "$seen" &
dd if=/dev/zero of=/dev/mapper/snapshot bs=256K seek=100 count=41 oflag=direct conv=notrunc status=none
wait $!
echo "events: $seen before, $(dmsetup info -c --noheadings -o events pool) now"
dmsetup status pool

# A deleted volume gives back the blocks that no other one shares.
dmsetup remove snapshot
dmsetup message pool 0 "delete 1"
dmsetup status pool
