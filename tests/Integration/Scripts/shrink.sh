# A loop file that becomes shorter under a device.
yes abcdefg | head -c 1M >disk; losetup /dev/loop0 disk; dmsetup create a --table "0 2048 linear 7:0 0"
truncate -s 512K disk; blockdev --getsz /dev/loop0; dd if=/dev/mapper/a bs=64k skip=15 count=1 iflag=direct status=none | od -c | head -n 3; echo ${PIPESTATUS[*]}
losetup -c /dev/loop0; echo $?; blockdev --getsz /dev/loop0 /dev/mapper/a; dd if=/dev/mapper/a bs=64k skip=15 count=1 iflag=direct of=/dev/null; echo $?
dd if=/dev/zero of=/dev/mapper/a bs=64k seek=15 count=1 oflag=direct; echo $?; stat -c %s disk; dmsetup table a; dmesg -t
