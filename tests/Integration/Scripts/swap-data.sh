# Data moved while it is in use.
truncate -s 1M a b; printf %-512s old >a; truncate -s 1M a; printf %-512s new >b; truncate -s 1M b; losetup /dev/loop0 a; losetup /dev/loop1 b
dmsetup create d --table "0 2048 linear 7:0 0"; dd if=/dev/mapper/d bs=3 count=1 status=none iflag=fullblock; echo
dmsetup suspend d; dmsetup load d --table "0 2048 linear 7:1 0"; dmsetup resume d; dd if=/dev/mapper/d bs=512 count=1 status=none iflag=direct | head -c 3; echo; dmsetup deps d; losetup -d /dev/loop0; losetup -l -n -O NAME
