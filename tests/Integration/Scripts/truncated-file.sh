# A file that shrinks under its device.
truncate -s 64k a; losetup /dev/loop0 a; truncate -s 4k a; dd if=/dev/loop0 bs=512 skip=100 count=1 iflag=direct status=none | tr -d '\0' | wc -c; stat -c %s a; printf %512s x | dd of=/dev/loop0 bs=512 seek=100 count=1 oflag=direct conv=notrunc status=none; stat -c %s a
