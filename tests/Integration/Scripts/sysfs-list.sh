# The files that there are.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"
ls /sys/block/dm-0 /sys/block/dm-0/dm; ls /sys/block/loop0/loop /sys/block/dm-0/queue
