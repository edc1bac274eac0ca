# Status without committing.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create t --table "0 8192 thin /dev/mapper/pool 0"; dmsetup status --noflush pool; dmsetup status pool
