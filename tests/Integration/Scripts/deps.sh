# Dependencies in three forms.
truncate -s 1M disk; losetup /dev/loop0 disk; losetup /dev/loop1 disk
printf '0 8 linear 7:0 0\n8 8 linear 7:1 0\n16 8 linear 7:0 8\n' | dmsetup create a; dmsetup create b --table "0 8 linear /dev/mapper/a 0"; dmsetup create z --table "0 8 zero"
dmsetup deps; dmsetup deps -o devno; dmsetup deps -o blkdevname; dmsetup deps -o devname; dmsetup deps a; dmsetup deps -o nosuch a; echo $?
dmsetup load z --table "0 8 linear 7:1 16"; dmsetup deps --inactive z
