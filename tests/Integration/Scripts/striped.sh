# Two stripes, and where sectors go.
truncate -s 1M d0 d1; losetup /dev/loop0 d0; losetup /dev/loop1 d1
dmsetup create s --table "0 256 striped 2 16 7:0 0 7:1 8"; dmsetup table s; dmsetup status s; dmsetup deps s
for i in 0 16 32 48 240; do printf "s%-511d" $i | dd of=/dev/mapper/s bs=512 seek=$i oflag=direct conv=notrunc status=none; done
for i in 0 16 112; do dd if=/dev/loop0 bs=512 skip=$i count=1 iflag=direct status=none | head -c 5; echo; done
for i in 8 24 120; do dd if=/dev/loop1 bs=512 skip=$i count=1 iflag=direct status=none | head -c 5; echo; done
blockdev --getioopt /dev/mapper/s; blockdev --getiomin /dev/mapper/s; blockdev --getra /dev/mapper/s
