# Discards, zeroes, secure discards.
truncate -s 1M a; losetup /dev/loop0 a; yes | head -c 1M >fill; dd if=fill of=/dev/loop0 bs=64k oflag=direct status=none
blkdiscard -o 4096 -l 4096 /dev/loop0; echo $?; od -An -c -j 4094 -N 4 a; blkdiscard -z -o 8192 -l 4096 /dev/loop0; echo $?; od -An -c -j 12286 -N 4 a
blkdiscard -s /dev/loop0; echo $?; blkdiscard -o 1 /dev/loop0; echo $?; dmsetup create e --table "0 64 error"; blkdiscard /dev/mapper/e; echo $?; dmsetup create z --table "0 64 zero"; blkdiscard /dev/mapper/z; echo $?
