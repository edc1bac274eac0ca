# Later, but right.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create d --table "0 64 delay 7:0 0 500"; dmsetup table d; dmsetup status d
printf %-512s late | dd of=/dev/mapper/d oflag=direct status=none; dd if=disk bs=4 count=1 status=none; echo
dd if=/dev/mapper/d of=/dev/null count=1 iflag=direct status=none & sleep 0.1; dmsetup status d; wait; dmsetup status d
dmsetup create d2 --table "0 64 delay 7:0 0 100 7:0 64 200"; dmsetup table d2; dmsetup create d3 --table "0 64 delay 7:0 0 100 7:0 64 200 7:0 128 300"; dmsetup table d3; dmsetup deps d3
