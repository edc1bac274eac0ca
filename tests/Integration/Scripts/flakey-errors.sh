# What a flakey line may not be.
truncate -s 1M disk; losetup /dev/loop0 disk
for t in "0 8 flakey" "0 8 flakey 7:0 0 1" "0 8 flakey 7:0 0 0 0" "0 8 flakey 7:0 0 x 1" "0 8 flakey 7:0 0 1 1 1" "0 8 flakey 7:0 0 1 1 1 nosuch" "0 8 flakey 7:0 0 1 1 2 drop_writes error_writes" "0 8 flakey 7:0 0 1 1 5 corrupt_bio_byte 0 r 1 0"; do echo "[$t]"; dmsetup create a --table "$t"; echo $?; done; dmesg -t
