# A volume upon an origin that is not in the pool.
truncate -s 4M meta; truncate -s 16M data; truncate -s 1M org; printf %-512s origin | dd of=org conv=notrunc status=none; losetup /dev/loop0 meta; losetup /dev/loop1 data; losetup -r /dev/loop2 org
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create t --table "0 4096 thin /dev/mapper/pool 0 7:2"; dmsetup table t
dd if=/dev/mapper/t bs=512 count=1 iflag=direct status=none | head -c 6; echo; printf %-512s mine | dd of=/dev/mapper/t bs=512 seek=1 oflag=direct conv=notrunc status=none; dd if=/dev/mapper/t bs=512 count=1 iflag=direct status=none | head -c 6; echo; dmsetup status
