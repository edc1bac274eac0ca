# A partition table is written, but there are no partitions.
truncate -s 4M a; losetup /dev/loop0 a; echo 'label-id: 0x12345678
2048 2048 83' | sfdisk -q --no-reread /dev/loop0; sfdisk -d /dev/loop0 | grep -v sfdisk; blkid -p -o export /dev/loop0
