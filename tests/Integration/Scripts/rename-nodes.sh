# The node follows the name.
dmsetup create a --table "0 8 zero"; stat -c '%F %t:%T' /dev/mapper/a
dmsetup rename a b; ls /dev/mapper; stat -c '%F %t:%T' /dev/mapper/b; dmsetup remove b; ls /dev/mapper
