#!/usr/bin/env bash
# Lesson 14: LVM, and what it does underneath
#
# The logical volume manager keeps a list of volumes on the disks themselves, and turns it into tables of device-mapper. Everything
# that it does to a running machine has been seen in the lessons before: it loads tables, suspends, resumes, and sends messages.
# Runs as root on any Linux box with lvm2, or without root on a simulated machine:  scripts/dmsim sh examples/lvm.sh
set -eu
if [ -e /dev/mapper/lesson-data ] || [ -e /dev/lesson ]; then
    echo "There is a volume group called lesson already: it is left alone." >&2
    exit 1
fi
work=$(mktemp -d)
cd "$work"
finish() {
    set +e
    [ ! -e lvm/lvm.conf ] || vgremove -ff lesson
    losetup --detach ${first:-} ${second:-}
    rm -r "$work"
} >/dev/null 2>&1
trap finish EXIT

# Two disks of 64 MiB.
truncate -s 64M first.img second.img
first=$(losetup --find --show first.img)
second=$(losetup --find --show second.img)

# LVM shall look at these two disks and no others. Everything else that it says about itself goes into a folder of its own.
export LVM_SYSTEM_DIR=$work/lvm
mkdir lvm
cat >lvm/lvm.conf <<SETTINGS
devices { filter = [ "a|^$first\$|", "a|^$second\$|", "r|.*|" ] use_devicesfile = 0 }
activation { monitoring = 0 thin_pool_autoextend_threshold = 80 }
global { use_lvmpolld = 0 }
SETTINGS

# A label on each disk, and both together in one volume group. Not one table has been loaded so far: this is bookkeeping on the disks.
pvcreate -q "$first" "$second"
vgcreate -q lesson "$first" "$second"
pvs --noheadings -o pv_name,vg_name,pv_size,pv_free
dmsetup ls

# A volume of 40 MiB is one linear piece. Its first sector on the disk is 2048: what is before is LVM's own.
lvcreate -q -n data -L 40M lesson
dmsetup table lesson-data

# The bookkeeping is text, and it lies on every disk of the group.
dd if="$first" bs=1M count=1 iflag=direct status=none | tr -d '\0' | grep -a -o 'LVM2 001\|segment_count = 1\|type = "striped"' | sort | uniq -c

# When it grows beyond the first disk, its table gets a second line: concatenation, loaded and swapped in while it is in use.
exec 5</dev/mapper/lesson-data
lvextend -q -L 80M lesson/data >/dev/null
dmsetup table lesson-data
exec 5<&-
lvremove -q -f lesson/data

# A striped volume lies on both disks.
lvcreate -q -n fast -L 16M --stripes 2 --stripesize 64k lesson
dmsetup table lesson-fast
lvremove -q -f lesson/fast

# A classic snapshot takes four devices: the plain data (real), the COW device (cow), the origin and the snapshot. The hyphens in
# between are LVM's; a hyphen in a name is doubled.
lvcreate -q -n data -L 16M lesson
lvcreate -q -n before -L 8M --snapshot lesson/data
dmsetup table | sort
dmsetup ls --tree

# After a change the old state is wanted back: LVM merges.
yes "a mistake" | head -c 1M | dd of=/dev/mapper/lesson-data bs=64K oflag=direct conv=notrunc iflag=fullblock status=none
dmsetup status lesson-before
lvconvert -q --merge lesson/before
dmsetup table | sort
head -c 512 /dev/mapper/lesson-data | od -A n -c | head -n 1
lvremove -q -f lesson/data

# A thin pool takes two hidden volumes, for data and for metadata, and the pool itself above them. Volumes are numbers in the pool.
# LVM warns that more is promised than there is.
lvcreate -q --type thin-pool -n pool -L 32M --chunksize 64k --poolmetadatasize 4M lesson
lvcreate -q -n thin -V 100M --thinpool pool lesson
lvcreate -q -n thinsnap --snapshot --setactivationskip n lesson/thin
dmsetup table | sort
dmsetup ls --tree -o ascii

# lvs shows what the status of the pool says: how full it is.
dd if=/dev/zero of=/dev/mapper/lesson-thin bs=64K count=64 oflag=direct conv=notrunc status=none
lvs --noheadings -o lv_name,lv_size,pool_lv,origin,data_percent lesson
dmsetup status lesson-pool-tpool

# Deactivated, the volumes have no devices; the bookkeeping is still there, and all of them come back from it.
vgchange -q -an lesson
dmsetup ls
vgchange -q -ay lesson
dmsetup ls | sort

# Everything is given back.
vgremove -q -ff lesson
pvremove -q "$first" "$second"
dmsetup ls
