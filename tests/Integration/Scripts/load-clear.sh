# A loaded table thrown away.
dmsetup create a --table "0 8 zero"; dmsetup load a --table "0 16 zero"
dmsetup clear a; echo $?; dmsetup info a; dmsetup table --inactive a; dmsetup clear a; echo $?
