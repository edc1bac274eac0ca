# What is read beyond the end of a loop device's file, which has become shorter.
yes ABCDEFG | head -c 65536 >disk; losetup /dev/loop0 disk; truncate -s 5000 disk
r() { echo "[$*]"; dd if=/dev/loop0 "$@" iflag=direct status=none | od -A d -c; }
r bs=8k count=1; r bs=4k count=1 skip=1; r bs=512 skip=9 count=1; r bs=512 skip=10 count=1; r bs=4608 count=1; r bs=512 skip=8 count=2
truncate -s 4097 disk; r bs=4k skip=1 count=1; r bs=1k skip=4 count=1; truncate -s 4096 disk; r bs=8k count=1; truncate -s 0 disk; r bs=4k count=1
truncate -s 5000 disk; dd if=/dev/loop0 bs=1k count=20 status=none | od -A d -c
dmsetup create a --table "0 64 linear 7:0 0"; dd if=/dev/mapper/a bs=16k count=1 iflag=direct status=none | od -A d -c
dmsetup create s --table "0 64 striped 2 8 7:0 0 7:0 64"; dd if=/dev/mapper/s bs=16k count=1 iflag=direct status=none | od -A d -c
cut -c1-26 /sys/block/dm-0/stat; dmesg -t
