# A swap area.
truncate -s 1M a; losetup /dev/loop0 a; mkswap -L sw -U 01234567-89ab-cdef-0123-456789abcdef /dev/loop0; blkid -p /dev/loop0
