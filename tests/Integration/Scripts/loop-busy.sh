# Detached while in use: at the last close.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"
losetup -d /dev/loop0; echo $?; losetup -l -n -O NAME,AUTOCLEAR; dmsetup remove l; losetup -l -n -O NAME
