# A new table becomes the live one at resume.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 8 linear 7:0 0"
dmsetup load a --table "0 16 linear 7:0 8"; dmsetup table a; dmsetup table --inactive a; dmsetup info a
blockdev --getsz /dev/mapper/a; dmsetup resume a; blockdev --getsz /dev/mapper/a; dmsetup table a; dmsetup info a
