# Another name; a taken one; the same one.
dmsetup create a --table "0 8 zero"; dmsetup create c --table "0 8 zero"
dmsetup rename a b; echo $?; dmsetup ls; ls /dev/mapper; dmsetup info b
dmsetup rename b c; echo $?; dmsetup rename b b; echo $?; dmsetup rename nosuch x; echo $?; dmesg -t
