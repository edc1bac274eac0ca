# Modes, links and sizes in sysfs and /dev.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"
stat -c '%n %F %a %h %s' /sys/block/dm-0 /sys/block/dm-0/ /sys/block/dm-0/queue /sys/block/dm-0/slaves /sys/block/dm-0/slaves/loop0 /sys/block/dm-0/size /sys/block/dm-0/uevent /sys/class/block/dm-0 /sys/block/loop0/loop /dev/mapper /dev/fd /sys/block/dm-0/subsystem
for f in /sys/block/dm-0/power/* /sys/block/dm-0/trace/* /sys/block/dm-0/integrity/*; do echo "$f: $(cat $f 2>&1)"; done
before=$(cat /sys/block/loop0/diskseq); losetup -d /dev/loop0; dmsetup remove l; losetup /dev/loop0 a; echo $(($(cat /sys/block/loop0/diskseq) - before)); dmsetup create l --table "0 8 zero"; echo $(($(cat /sys/block/dm-0/diskseq) - before)); blockdev --getdiskseq /dev/loop0 | wc -l; losetup -c /dev/loop0; echo $(($(cat /sys/block/loop0/diskseq) - before)); losetup -r /dev/loop1 a; echo $(($(cat /sys/block/loop1/diskseq) - before))
