# What a pool's line may not be.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
for t in "0 32768 thin-pool" "0 32768 thin-pool 7:0 7:1 64 0" "0 32768 thin-pool 7:0 7:1 129 0" "0 32768 thin-pool 7:0 7:1 x 0" "0 32768 thin-pool 7:0 7:1 128 x" "0 32768 thin-pool 7:0 7:0 128 0" "0 32768 thin-pool 7:0 nosuch 128 0" "0 32768 thin-pool 7:0 7:1 128 0 1 nosuch" "0 65536 thin-pool 7:0 7:1 128 0"; do echo "[$t]"; dmsetup create p --table "$t"; echo $?; done; dmesg -t
