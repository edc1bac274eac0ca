# A pool that is used, and metadata that is.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create t --table "0 8192 thin /dev/mapper/pool 0"
dmsetup remove pool; echo $?; dmsetup message pool 0 "delete 0"; echo $?; dmsetup create other --table "0 32768 thin-pool 7:0 7:1 128 0"; echo $?; dmsetup create t2 --table "0 8192 thin /dev/mapper/pool 0"; echo $?; dmesg -t
