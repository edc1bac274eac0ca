# All at once, and those that are in use.
dmsetup create a --table "0 8 zero"; dmsetup create b --table "0 8 zero"; dmsetup create c --table "0 8 zero"
exec 3</dev/mapper/b
dmsetup remove_all; echo $?; dmsetup ls; dmesg -t
dmsetup remove_all -f; echo $?; dmsetup ls; dmsetup table
exec 3<&-
dmsetup remove_all; dmsetup ls
