# Nodes put right.
dmsetup create a --table "0 8 zero"; rm /dev/mapper/a; ls /dev/mapper; dmsetup mknodes; ls /dev/mapper
dmsetup mknodes a; echo $?; rm /dev/mapper/a; dmsetup mknodes a; stat -c '%F %t:%T %a' /dev/mapper/a; dmsetup mknodes nosuch; echo $?
