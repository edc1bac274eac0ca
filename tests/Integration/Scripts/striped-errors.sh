# What a striped line may not be.
truncate -s 1M d0 d1; losetup /dev/loop0 d0; losetup /dev/loop1 d1
for t in "0 256 striped" "0 256 striped 2 16" "0 256 striped 0 16 7:0 0" "0 256 striped 2 15 7:0 0 7:1 0" "0 256 striped 2 x 7:0 0 7:1 0" "0 255 striped 2 16 7:0 0 7:1 0" "0 250 striped 2 16 7:0 0 7:1 0" "0 256 striped 2 16 7:0 0" "0 256 striped 2 16 7:0 0 7:1 x" "0 256 striped 2 16 7:0 0 nosuch 0" "0 8192 striped 2 16 7:0 0 7:1 0" "0 256 striped 2 16 7:0 0 7:1 0 7:1 0"; do echo "[$t]"; dmsetup create a --table "$t"; echo $?; done; dmesg -t
