# Removal by force of a device in use puts an error table in its place.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 8 linear 7:0 0"
exec 3</dev/mapper/a
dmsetup remove -f a; echo $?; dmsetup table a; dmsetup info a
exec 3<&-
dmsetup remove -f a; echo $?; dmsetup ls
