# Written through the page cache, seen by all.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 8"
echo hello >/dev/mapper/l; head -c 6 /dev/mapper/l; dd if=a bs=512 skip=8 count=1 status=none | head -c 6
printf world | dd of=/dev/mapper/l bs=1 seek=3 conv=notrunc status=none; head -c 9 /dev/mapper/l; echo; dd if=/dev/zero of=/dev/mapper/l bs=1k; echo $?
cat /dev/mapper/l | wc -c; cmp /dev/mapper/l /dev/zero; echo $?; md5sum </dev/mapper/l
