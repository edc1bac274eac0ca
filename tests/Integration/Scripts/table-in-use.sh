# The same device in two tables.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create x --table "0 64 linear 7:0 0"; dmsetup create y --table "0 64 linear 7:0 32"; dmsetup info -c -o name,open
losetup -d /dev/loop0; dmsetup remove x; dmsetup remove y; losetup -l -n -O NAME
