# Deferred removal of a stack from below.
truncate -s 1M d; losetup /dev/loop0 d; dmsetup create a --table "0 64 linear 7:0 0"; dmsetup create b --table "0 64 linear /dev/mapper/a 0"
dmsetup remove --deferred a; echo $?; dmsetup info -c -o name,open; dmsetup remove b; dmsetup ls; losetup -d /dev/loop0; losetup -a
