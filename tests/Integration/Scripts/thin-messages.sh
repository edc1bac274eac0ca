# Messages and what is wrong with them.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"
for m in "nosuch" "create_thin" "create_thin x" "delete 7" "create_snap 1 9" "set_transaction_id 1 2" "set_transaction_id 0 5" "reserve_metadata_snap" "reserve_metadata_snap" "release_metadata_snap" "release_metadata_snap" "create_thin 3 4"; do echo "[$m]"; dmsetup message pool 0 "$m"; echo $?; done; dmsetup status pool; dmesg -t
