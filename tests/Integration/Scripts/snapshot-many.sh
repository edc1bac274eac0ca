# Three snapshots of one origin; a write through the origin copies to each.
truncate -s 2M disk c1 c2 c3; for i in 1 2 3; do losetup /dev/loop$i c$i; done; losetup /dev/loop0 disk
for i in 1 2 3; do dmsetup create s$i --table "0 4096 snapshot 7:0 7:$i P $((4 << i))"; done; dmsetup create orig --table "0 4096 snapshot-origin 7:0"
dd if=/dev/zero of=/dev/mapper/orig bs=4k seek=3 count=1 oflag=direct status=none; dmsetup status; dmsetup remove s2; dd if=/dev/zero of=/dev/mapper/orig bs=4k seek=100 count=4 oflag=direct status=none; dmsetup status; blockdev --getiomin --getioopt --getbsz /dev/mapper/orig /dev/mapper/s1; cat /sys/block/dm-3/queue/max_sectors_kb; dmsetup ls --target snapshot; dmsetup ls --target snapshot-origin
