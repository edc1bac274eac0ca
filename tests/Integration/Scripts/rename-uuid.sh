# A UUID given later, once.
dmsetup create a --table "0 8 zero"
dmsetup rename a --setuuid id-1; echo $?; dmsetup info a
dmsetup rename a --setuuid id-2; echo $?; dmsetup create b --table "0 8 zero"; dmsetup rename b --setuuid id-1; echo $?
dmsetup info -c; dmesg -t
