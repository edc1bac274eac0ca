# A pool that is full holds writes for a minute.
truncate -s 4M meta; truncate -s 1M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 2048 thin-pool 7:0 7:1 128 4"; dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
dd if=/dev/zero of=/dev/mapper/thin bs=64k count=17 oflag=direct 2>err & sleep 30; dmsetup status pool; sleep 40; wait $!; echo $?; grep -v copied err; dmsetup status pool; dmesg -t
