# A full pool grows, and the write goes on.
truncate -s 4M meta; truncate -s 1M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 2048 thin-pool 7:0 7:1 128 4"; dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
(dd if=/dev/zero of=/dev/mapper/thin bs=64k count=20 oflag=direct status=none; echo "dd $?") & sleep 5; dmsetup status pool
truncate -s 2M data; losetup -c /dev/loop1; dmsetup load pool --table "0 4096 thin-pool 7:0 7:1 128 4"; dmsetup suspend pool; dmsetup resume pool; wait; dmsetup status; dmesg -t
