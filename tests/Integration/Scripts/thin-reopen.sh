# A pool closed and opened again.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 5"; dmsetup create t --table "0 8192 thin /dev/mapper/pool 5"
printf %-512s kept | dd of=/dev/mapper/t bs=512 seek=100 oflag=direct conv=notrunc status=none; dmsetup message pool 0 "set_transaction_id 0 9"; dmsetup remove t; dmsetup remove pool; losetup -D
losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup create t --table "0 8192 thin /dev/mapper/pool 5"; dmsetup status; dd if=/dev/mapper/t bs=512 skip=100 count=1 iflag=direct status=none | head -c 4; echo
