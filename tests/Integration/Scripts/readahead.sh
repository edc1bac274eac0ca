# Read-ahead given in words and numbers.
for r in auto none 0 8 1024 +2048 +16; do dmsetup create a --readahead $r --table "0 8 zero"; dmsetup info -c --noheadings -o read_ahead a; dmsetup remove a; done
dmsetup create a --table "0 8 zero"; blockdev --getra /dev/mapper/a; blockdev --setra 64 /dev/mapper/a; blockdev --getra /dev/mapper/a; dmsetup info a | grep Ahead
