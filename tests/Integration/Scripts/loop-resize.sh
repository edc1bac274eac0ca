# The file grows; the device follows when told.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"
truncate -s 2M a; blockdev --getsz /dev/loop0; losetup -c /dev/loop0; blockdev --getsz /dev/loop0
dmsetup load l --table "0 4096 linear 7:0 0"; dmsetup resume l; blockdev --getsz /dev/mapper/l; dmesg -t
losetup -c /dev/loop5; echo $?
