#!/usr/bin/env bash
# Lesson 11: how a container engine layers images
#
# An image consists of layers, each of which changes a few files of the one below. A devicemapper storage driver makes every layer a
# thin snapshot of its parent, and a container's own files one more snapshot on top. Nothing is copied; a container starts at once.
# Runs as root on any Linux box, or without root on a simulated machine:  scripts/dmsim sh examples/container-layers.sh
set -eu
for name in base layer1 layer2 web1 web2 docker-pool; do
    [ ! -e "/dev/mapper/$name" ] || { echo "There is a device called $name already: it is left alone." >&2; exit 1; }
done
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    for name in base layer1 layer2 web1 web2 docker-pool; do dmsetup remove --retry "$name"; done
    losetup --detach ${metadata:-} ${data:-}
    rm -r "$work"
} 2>/dev/null
trap finish EXIT

# One pool for all images and containers of a machine. skip_block_zeroing: the file system does not read what it has not written.
truncate -s 4M metadata.img
truncate -s 64M data.img
metadata=$(losetup --find --show metadata.img)
data=$(losetup --find --show data.img)
dmsetup create docker-pool --table "0 131072 thin-pool $metadata $data 128 64 1 skip_block_zeroing"
used() { dmsetup status docker-pool | cut -d ' ' -f 6; }

# The base device: an empty file system, made once. Every image starts as a snapshot of it.
dmsetup message docker-pool 0 "create_thin 1"
dmsetup message docker-pool 0 "set_transaction_id 0 1"
dmsetup create base --table "0 65536 thin /dev/mapper/docker-pool 1"
mke2fs -q -t ext4 -O ^has_journal -U 6f2d1c3e-0000-4000-8000-000000000002 /dev/mapper/base
echo "blocks used: $(used)"

# The transaction number is the driver's: it writes its own list of layers, then moves the number on. After a crash the two are
# compared, and a volume that is in the pool but not yet in the list is deleted. A wrong old number is refused.
dmsetup message docker-pool 0 "set_transaction_id 0 2" || true
dmsetup status docker-pool

# A helper that does what the driver does for a new layer: suspend the parent if it is active, snapshot, next transaction, activate.
transaction=1
layer() {
    local name=$1 id=$2 parent=$3 origin=$4
    dmsetup suspend "$parent"
    dmsetup message docker-pool 0 "create_snap $id $origin"
    dmsetup resume "$parent"
    dmsetup message docker-pool 0 "set_transaction_id $transaction $((transaction + 1))"
    transaction=$((transaction + 1))
    dmsetup create "$name" --table "0 65536 thin /dev/mapper/docker-pool $id"
}

# Files are put in with debugfs, which needs no mount.
add() { printf '%s\n' "$3" >file; debugfs -w -R "write file $2" "/dev/mapper/$1" >/dev/null 2>&1; }
show() { debugfs -R "cat $2" "/dev/mapper/$1" 2>/dev/null; }

# An image of two layers: an operating system, and a web server that adds a file of its own.
layer layer1 2 base 1
add layer1 system "a small operating system"
layer layer2 3 layer1 2
add layer2 server "a web server"
echo "blocks used: $(used)"

# Layers are not written to again. Two containers of the image are two snapshots of its last layer, and see all files.
layer web1 4 layer2 3
layer web2 5 layer2 3
show web1 system
show web2 server
echo "blocks used: $(used)"

# Each container has its own files. The image stays what it was.
add web1 log "a visitor"
show web1 log
show web2 log
show layer2 log
echo "blocks used: $(used)"

# A container that is no longer needed: its device is removed, its volume deleted, and its blocks are free again.
dmsetup remove web1
dmsetup message docker-pool 0 "delete 4"
echo "blocks used: $(used)"

# A layer that others build upon can be deleted too: what they share with it stays.
dmsetup remove layer1
dmsetup message docker-pool 0 "delete 2"
show web2 system
e2fsck -f -n /dev/mapper/web2 >/dev/null 2>&1 && echo "the file system is sound"
