# What programs for partitions say.
dmsetup create a --table "0 8 zero"; dmsetup setgeometry a 100 16 63 0; echo $?; blockdev --report /dev/mapper/a | tr -s ' ' | cut -d' ' -f2-6; fdisk -l /dev/mapper/a 2>&1; sfdisk -g /dev/mapper/a; partx -l /dev/mapper/a; echo $?; partx -a /dev/mapper/a; echo $?; fdisk -l /dev/loop0; echo $?
