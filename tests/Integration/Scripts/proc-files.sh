# /proc/partitions and /proc/devices.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1025 linear 7:0 0"; grep -v ram /proc/partitions; grep -E 'device-mapper|loop' /proc/devices /proc/misc
