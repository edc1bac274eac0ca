# An error table of the same size.
truncate -s 1M disk; losetup /dev/loop0 disk
printf '0 8 linear 7:0 0\n8 8 zero\n' | dmsetup create a
dmsetup wipe_table a; echo $?; dmsetup table a; dmsetup info a
dd if=/dev/mapper/a of=/dev/null bs=512 count=1 iflag=direct status=none; echo $?
