# Up for a while, then down.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create f --table "0 64 flakey 7:0 0 5 5"; dmsetup table f; dmsetup status f
r() { dd if=/dev/mapper/f of=/dev/null bs=512 count=1 iflag=direct status=none; echo $?; }
r; sleep 6; r; sleep 5; r
dmsetup create g --table "0 64 flakey 7:0 64 0 1 1 drop_writes"; dmsetup table g
printf %-512s gone | dd of=/dev/mapper/g oflag=direct status=none; echo $?; dd if=/dev/mapper/g bs=512 count=1 iflag=direct status=none | head -c 4 | tr '\0' .; echo
