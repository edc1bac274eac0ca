# A pool, its table and its status.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup table pool; dmsetup status pool; dmsetup deps pool; dmsetup info pool
dmsetup message pool 0 "create_thin 0"; echo $?; dmsetup message pool 0 "create_thin 0"; echo $?; dmsetup message pool 0 "create_thin 16777216"; echo $?
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"; dmsetup table thin; dmsetup status; dmesg -t
