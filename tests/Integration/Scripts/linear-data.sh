# Bytes go where the table says.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 16 linear 7:0 100"
for i in 0 1 15; do printf "sector %-505d" $i | dd of=/dev/mapper/a bs=512 seek=$i oflag=direct conv=notrunc status=none; done
for i in 100 101 115; do dd if=/dev/loop0 bs=512 skip=$i count=1 iflag=direct status=none | head -c 10; echo; done
dd if=/dev/zero of=/dev/mapper/a bs=512 seek=16 count=1 oflag=direct status=none; echo $?
dd if=/dev/mapper/a of=/dev/null bs=512 skip=16 count=1 iflag=direct; echo $?
