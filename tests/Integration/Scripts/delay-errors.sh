# What a delay line may not be.
truncate -s 1M disk; losetup /dev/loop0 disk
for t in "0 8 delay" "0 8 delay 7:0 0" "0 8 delay 7:0 x 1" "0 8 delay 7:0 0 x" "0 8 delay 7:0 0 1 7:0" "0 8 delay 7:0 0 1 7:0 0" "0 8 delay nosuch 0 1"; do echo "[$t]"; dmsetup create a --table "$t"; echo $?; done; dmesg -t
