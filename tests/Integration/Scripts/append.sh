# Writing with O_APPEND to a mapped device and to a loop device.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8 linear 7:0 8"
echo one >>/dev/mapper/a; echo $?; echo two >>/dev/mapper/a; echo $?
head -c 4 /dev/mapper/a; echo three | tee -a /dev/mapper/a; head -c 6 /dev/mapper/a | od -c
dd if=/dev/zero of=/dev/mapper/a oflag=append conv=notrunc bs=512 count=1; echo $?; head -c 6 /dev/mapper/a | od -c
sync
