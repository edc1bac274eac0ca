# What may replace a pool.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"
dmsetup load pool --table "0 8 zero"; echo $?; dmsetup load pool --table "0 32768 thin-pool 7:0 7:1 256 0"; echo $?; dmsetup resume pool; echo $?; dmsetup load pool --table "0 8 error"; echo $?; printf '0 8 zero\n8 32768 thin-pool 7:0 7:1 128 0\n' | dmsetup create both; echo $?; dmesg -t
