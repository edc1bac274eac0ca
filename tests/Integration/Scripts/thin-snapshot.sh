# A snapshot shares until one side writes.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 8192 thin /dev/mapper/pool 0"
printf %-512s first | dd of=/dev/mapper/thin oflag=direct status=none
dmsetup suspend thin; dmsetup message pool 0 "create_snap 1 0"; dmsetup resume thin
dmsetup create snap --table "0 8192 thin /dev/mapper/pool 1"; dmsetup status
printf %-512s second | dd of=/dev/mapper/thin oflag=direct status=none; dmsetup status
for d in thin snap; do dd if=/dev/mapper/$d bs=6 count=1 iflag=fullblock status=none; echo; done
dmsetup remove snap; dmsetup message pool 0 "delete 1"; dmsetup status pool
