# Copies through devices are equal.
truncate -s 1M a b; losetup /dev/loop0 a; losetup /dev/loop1 b; dmsetup create s --table "0 2048 striped 2 16 7:0 0 7:1 0"; seq 1 50000 | head -c 512K >data
dd if=data of=/dev/mapper/s bs=64k status=none; cmp -n 524288 data /dev/mapper/s && echo same; cp /dev/mapper/s copy; stat -c %s copy; md5sum <copy; dd if=/dev/mapper/s bs=1000 count=3 skip=7 status=none | md5sum
