# What a linear line may not be.
truncate -s 1M disk; losetup /dev/loop0 disk
for t in "0 8 linear" "0 8 linear 7:0" "0 8 linear 7:0 x" "0 8 linear 7:0 8x" "0 8 linear 7:0 0 0" "0 8 linear nosuch 0" "0 8 linear 99:0 0" "0 8 linear 7:0 -1" "0 4096 linear 7:0 0" "0 8 linear 7:0 2048"; do echo "[$t]"; dmsetup create a --table "$t"; echo $?; done; dmesg -t
