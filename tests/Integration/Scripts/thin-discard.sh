# Blocks given back.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
dd if=/dev/zero of=/dev/mapper/thin bs=64k count=4 oflag=direct status=none; dmsetup status
blkdiscard -o 65536 -l 65536 /dev/mapper/thin; dmsetup status; blkdiscard /dev/mapper/thin; dmsetup status
blkdiscard -o 100 -l 512 /dev/mapper/thin; echo $?
