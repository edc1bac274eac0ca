# Partitions that were added by hand, when their disk's file goes.
truncate -s 32M d; losetup /dev/loop0 d; echo 'label: gpt
size=8M, name=one
size=8M, name=two' | sfdisk -q /dev/loop0; partx -a /dev/loop0; dmsetup create p --table "0 16384 linear /dev/loop0p1 0";  cat /proc/partitions; partx -d /dev/loop0;echo $?; cat /proc/partitions; dmsetup remove p; cat /proc/partitions; losetup -d /dev/loop0; cat /proc/partitions; dmesg -t
