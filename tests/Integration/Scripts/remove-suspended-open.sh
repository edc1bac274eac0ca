# A suspended device that is open.
dmsetup create a --table "0 8 zero"; exec 3</dev/mapper/a; dmsetup suspend a; dmsetup remove a; echo $?; dmsetup info a; exec 3<&-; dmsetup remove a; echo $?
