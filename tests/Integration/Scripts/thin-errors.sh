# What a volume may not be.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"
for t in "0 8 thin" "0 8 thin /dev/mapper/pool" "0 8 thin /dev/mapper/pool 0" "0 8 thin /dev/mapper/pool x" "0 8 thin 7:0 0" "0 8 thin nosuch 0" "0 8 thin /dev/mapper/pool 16777216"; do echo "[$t]"; dmsetup create t --table "$t"; echo $?; done; dmesg -t
