# A device upon a device upon a device.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 256 linear 7:0 8"; dmsetup create b --table "0 128 linear /dev/mapper/a 8"; dmsetup create c --table "0 64 linear /dev/mapper/b 8"
printf deep | dd of=/dev/mapper/c bs=512 conv=sync oflag=direct status=none
dd if=disk bs=512 skip=24 count=1 status=none | head -c 4; echo
dmsetup remove a; echo $?; dmsetup info -c -o name,open; dmsetup remove c b a; echo $?
