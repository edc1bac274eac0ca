# Snapshots of snapshots.
truncate -s 4M meta; truncate -s 16M data; losetup /dev/loop0 meta; losetup /dev/loop1 data; dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; dmsetup message pool 0 "create_thin 0"
for i in 0 1 2 3; do dmsetup create t$i --table "0 1024 thin /dev/mapper/pool $i"; printf %-512s "gen$i" | dd of=/dev/mapper/t$i bs=512 seek=$i oflag=direct conv=notrunc status=none; dmsetup suspend t$i; dmsetup message pool 0 "create_snap $((i+1)) $i"; dmsetup resume t$i; done
dmsetup status; dd if=/dev/mapper/t3 bs=512 count=4 iflag=direct status=none | tr -d '\0 '; echo; for i in 3 2 1 0; do dmsetup remove t$i; done; for i in 0 1 2 3 4; do dmsetup message pool 0 "delete $i"; done; dmsetup status pool
