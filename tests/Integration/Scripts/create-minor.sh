# A chosen minor, a taken one, one beyond the end.
dmsetup create a -j 254 -m 77 --table "0 8 zero"; echo $?; dmsetup info -c -o name,major,minor a
dmsetup create b -m 77 --table "0 8 zero"; echo $?
dmsetup create c -m 9999999 --table "0 8 zero"; echo $?
dmsetup ls
dmsetup info -j 254 -m 77; dmsetup info -m 77
