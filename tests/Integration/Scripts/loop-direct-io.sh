# Loop devices that read and write their file directly.
truncate -s 1M a
losetup /dev/loop3 a;  losetup --direct-io=on /dev/loop3; echo $?; cat /sys/block/loop3/loop/dio; losetup -c /dev/loop3; losetup -b 4096 /dev/loop3;  blockdev --getss /dev/loop3; cat /sys/block/loop3/loop/dio
echo hello | dd of=/dev/loop3 bs=4k conv=sync oflag=direct status=none; head -c 5 a; dd if=/dev/loop3 bs=4k count=1 status=none | head -c 5; losetup --direct-io=off /dev/loop3; cat /sys/block/loop3/loop/dio; cat /sys/block/loop3/queue/*block_size
losetup -d /dev/loop3; losetup --direct-io=on /dev/loop5; echo $?; losetup /dev/loop3 a; cat /sys/block/loop3/loop/dio; truncate -s 5000 a;  losetup --direct-io=on /dev/loop3; dd if=/dev/loop3 bs=4k skip=1 count=1 iflag=direct status=none | wc -c;dd if=/dev/loop3 bs=4k skip=3 count=1 iflag=direct status=none | wc -c; dmesg -t
