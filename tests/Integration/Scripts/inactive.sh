# The inactive slot seen from everywhere.
truncate -s 1M d0; losetup /dev/loop0 d0; dmsetup create a --table "0 8 zero"; dmsetup load a --table "0 16 linear 7:0 0"
dmsetup status --inactive a; dmsetup table --inactive a; dmsetup deps --inactive a; dmsetup info --inactive a; dmsetup info -c --inactive -o name,attr,tables_loaded a
