# What is not there.
dmsetup remove a; echo $?; dmsetup info a; echo $?; dmsetup status a; echo $?; dmsetup table a; echo $?
dmsetup suspend a; echo $?; dmsetup resume a; echo $?; dmsetup clear a; echo $?; dmsetup rename a b; echo $?
dmsetup wait a; echo $?; dmsetup deps a; echo $?; dmsetup message a 0 x; echo $?; dmsetup load a --table "0 8 zero"; echo $?
