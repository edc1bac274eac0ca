# The picture in sysfs.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"; dmsetup create m -u UU --table "0 512 linear /dev/mapper/l 0"
lsblk -o NAME,KNAME,MAJ:MIN,SIZE,RO,TYPE /dev/loop0; lsblk -n -r -o NAME,PKNAME,TYPE /dev/loop0; lsblk -s -n -o NAME /dev/mapper/m
cat /sys/block/dm-1/dm/name /sys/block/dm-1/dm/uuid /sys/block/dm-1/dm/suspended /sys/block/dm-1/size; ls /sys/block/loop0/holders /sys/block/dm-1/slaves; cat /sys/block/loop0/loop/offset /sys/block/loop0/loop/autoclear; readlink -f /sys/dev/block/254:1; cat /sys/class/block/dm-0/dev
