# The lists.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create z --table "0 8 zero"; dmsetup create l --table "0 8 linear 7:0 0"; dmsetup create top --table "0 8 linear /dev/mapper/l 0"
dmsetup ls; dmsetup ls --target linear; dmsetup ls --target nosuch; dmsetup ls -o devno; dmsetup ls -o blkdevname; dmsetup ls -o devname
dmsetup ls --exec echo; dmsetup status --target zero; dmsetup table --target linear
