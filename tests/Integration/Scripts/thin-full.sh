# A pool that is full, with errors.
truncate -s 4M meta; truncate -s 1M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 2048 thin-pool 7:0 7:1 128 4 1 error_if_no_space"; dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"; dmsetup table pool
dd if=/dev/zero of=/dev/mapper/thin bs=64k count=20 oflag=direct; echo $?; dmsetup status; dmesg -t
