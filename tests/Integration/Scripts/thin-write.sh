# Blocks come when they are written.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
dd if=/dev/zero of=/dev/mapper/thin bs=64k count=3 oflag=direct status=none; dmsetup status
dd if=/dev/urandom of=/dev/mapper/thin bs=512 seek=4096 count=1 oflag=direct status=none; dmsetup status
dd if=/dev/mapper/thin bs=64k skip=10 count=1 iflag=direct status=none | tr -d '\0' | wc -c; dmsetup status thin
