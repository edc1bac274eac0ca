# A device upon itself.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 8 linear 7:0 0"; dmsetup load a --table "0 8 linear /dev/mapper/a 0"; echo $?; dmesg -t; dmsetup info -c a
