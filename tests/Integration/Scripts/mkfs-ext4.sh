# A file system on a mapped device.
truncate -s 8M a; losetup /dev/loop0 a; dmsetup create l --table "0 16384 linear 7:0 0"
mkfs.ext4 -q -F -L label -U 01234567-89ab-cdef-0123-456789abcdef /dev/mapper/l; echo $?; e2fsck -fn /dev/mapper/l 2>/dev/null | tail -1
blkid -p -o export /dev/mapper/l; wipefs /dev/mapper/l; wipefs -a /dev/mapper/l; echo $?; blkid -p /dev/mapper/l; echo $?
