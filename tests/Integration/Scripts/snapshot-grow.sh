# The origin grows: the snapshot stays as long as it is.
truncate -s 4M disk; truncate -s 1M cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create base --table "0 4096 linear 7:0 0"; dmsetup create snap --table "0 4096 snapshot 254:0 7:1 P 8"; dmsetup create orig --table "0 4096 snapshot-origin 254:0"
dmsetup load base --table "0 8192 linear 7:0 0"; dmsetup resume base; dmsetup load orig --table "0 8192 snapshot-origin 254:0"; dmsetup resume orig; blockdev --getsz /dev/mapper/*[eng]* ; dd if=/dev/zero of=/dev/mapper/orig bs=4k seek=1000 count=2 oflag=direct status=none; dmsetup status
dmsetup load snap --table "0 8192 snapshot 254:0 7:1 P 8"; dmsetup resume snap; blockdev --getsz /dev/mapper/snap; dmsetup status snap; dmesg -t
