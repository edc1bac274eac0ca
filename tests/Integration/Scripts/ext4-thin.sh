# A file system on a thin volume.
truncate -s 4M meta; truncate -s 32M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 65536 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"; dmsetup create t --table "0 65536 thin /dev/mapper/pool 0"
mkfs.ext4 -q -F -E nodiscard -U 01234567-89ab-cdef-0123-456789abcdef /dev/mapper/t; e2fsck -fn /dev/mapper/t 2>/dev/null | tail -1; blkid -p -o value -s TYPE /dev/mapper/t
