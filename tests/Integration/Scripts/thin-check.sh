# What the tools say of the metadata.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
dd if=/dev/zero of=/dev/mapper/thin bs=64k count=3 oflag=direct status=none; dmsetup remove thin; dmsetup remove pool
thin_check /dev/loop0 >/dev/null; echo $?; thin_dump /dev/loop0; thin_ls /dev/loop0 2>/dev/null | wc -l
