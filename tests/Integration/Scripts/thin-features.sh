# A pool's options in its table.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
for f in "1 skip_block_zeroing" "1 ignore_discard" "1 no_discard_passdown" "1 read_only" "1 error_if_no_space" "2 error_if_no_space skip_block_zeroing" "3 skip_block_zeroing ignore_discard error_if_no_space"; do dmsetup create p --table "0 32768 thin-pool 7:0 7:1 128 0 $f"; dmsetup table p; dmsetup status p; dmsetup remove p; done
