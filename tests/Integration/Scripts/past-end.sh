# Reading and writing past the end.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 9 linear 7:0 8"
dd if=/dev/mapper/a bs=512 skip=8 of=/dev/null; echo $?; dd if=/dev/mapper/a bs=512 skip=9 of=/dev/null; echo $?; dd if=/dev/mapper/a bs=512 skip=100 of=/dev/null; echo $?
dd if=/dev/mapper/a bs=4k of=/dev/null; dd if=/dev/mapper/a bs=4k iflag=direct of=/dev/null; echo $?
dd if=/dev/zero of=/dev/mapper/a bs=512 seek=9 count=1; echo $?; dd if=/dev/zero of=/dev/mapper/a bs=4k; echo $?; dd if=/dev/zero of=/dev/mapper/a bs=4k seek=1 oflag=direct; echo $?
dd if=/dev/zero of=/dev/mapper/a bs=512 seek=100 count=1 oflag=direct; echo $?; head -c 10000 /dev/zero >/dev/mapper/a; echo $?; tail -c 3 /dev/mapper/a | od -c; dmesg -t
