# The event at the low water mark.
truncate -s 4M meta; truncate -s 1M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 2048 thin-pool 7:0 7:1 128 8"; dmsetup message pool 0 "create_thin 0"; dmsetup create t --table "0 8192 thin /dev/mapper/pool 0"
dmsetup wait pool & dd if=/dev/zero of=/dev/mapper/t bs=64k count=10 oflag=direct status=none; wait; dmsetup status pool; dmsetup info -c -o events --noheadings pool; dmesg -t
