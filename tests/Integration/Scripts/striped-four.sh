# Four stripes of uneven devices.
for i in 0 1 2 3; do truncate -s 1M d$i; losetup /dev/loop$i d$i; done
dmsetup create s --table "0 512 striped 4 8 7:0 0 7:1 0 7:2 0 7:3 0"; dmsetup status s; for i in 0 8 16 24 32; do printf "%-512s" "at$i" | dd of=/dev/mapper/s bs=512 seek=$i oflag=direct conv=notrunc status=none; done; for i in 0 1 2 3; do head -c 4 d$i; echo; done; dmsetup deps -o blkdevname s; dmsetup info -c -o name,segments,open s
