#!/usr/bin/env bash
# Thin provisioning from the beginning: a pool that the kernel refuses and why, the pool as it should be, volumes and a snapshot,
# and the event that tells that room runs out. Runs as root on any Linux box
# with the thin-pool module, or without root on a real kernel in a VM:  scripts/dmsim vm examples/thin-pool.sh
set -u
cd "$(mktemp -d)"

data_sectors=100000

say() { echo "# $*"; }
status() { dmsetup status "$1"; }

say "Two files of $data_sectors sectors: one for metadata, one for data."
truncate -s $((data_sectors * 512)) thin-metadata.img thin-data.img
metadata=$(losetup --find --show thin-metadata.img)
data=$(losetup --find --show thin-data.img)

say "A pool of 1000000 sectors on a data device of $data_sectors is refused, and the kernel's log says why."
dmsetup create pool --table "0 1000000 thin-pool $metadata $data 512 1000" 2>&1 | grep -o 'failed: .*'
dmesg | grep -o 'device-mapper: .* too small for target: .*' | tail -1 | sed 's/[0-9]*:[0-9]*: //; s/loop[0-9]*/data device/'

say "No larger than its data device it is taken. Blocks of 512 sectors make 195 of them; the event comes when 150 are left."
dmsetup create pool --table "0 $data_sectors thin-pool $metadata $data 512 150"
status pool

say "A volume may be larger than the pool: blocks are taken when they are first written."
dmsetup message pool 0 "create_thin 0"
dmsetup create volume --table "0 1000000 thin /dev/mapper/pool 0"
status volume
dd if=/dev/zero of=/dev/mapper/volume bs=256K count=10 oflag=direct status=none
status volume
status pool

say "A snapshot shares all blocks with its origin, until one of the two writes."
dmsetup suspend volume
dmsetup message pool 0 "create_snap 1 0"
dmsetup resume volume
dmsetup create snapshot --table "0 1000000 thin /dev/mapper/pool 1"
status snapshot
status pool
dd if=/dev/zero of=/dev/mapper/volume bs=256K count=4 oflag=direct conv=notrunc status=none
status pool

say "Who waits for the pool's next event is woken when no more than 150 blocks are free."
seen=$(dmsetup info -c --noheadings -o events pool)
dmsetup wait pool "$seen" > thin-event.txt &
dd if=/dev/zero of=/dev/mapper/snapshot bs=256K seek=100 count=40 oflag=direct conv=notrunc status=none
wait $!
echo "events: $seen before, $(dmsetup info -c --noheadings -o events pool) now"
status pool

say "Everything is given back."
dmsetup remove snapshot
dmsetup remove volume
dmsetup remove pool
losetup -d "$metadata" "$data"
rm -f thin-metadata.img thin-data.img thin-event.txt
