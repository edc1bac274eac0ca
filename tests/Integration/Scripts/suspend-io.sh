# I/O to a suspended device waits for its resume.
truncate -s 1M disk; losetup /dev/loop0 disk
printf %512s x | dd of=/dev/loop0 bs=512 count=1 oflag=direct status=none
dmsetup create a --table "0 8 linear 7:0 0"
dmsetup suspend a
(dd if=/dev/mapper/a of=out bs=512 count=1 iflag=direct status=none; echo read) & sleep 1
test -s out || echo waits
dmsetup resume a; wait; tail -c 1 out; echo
