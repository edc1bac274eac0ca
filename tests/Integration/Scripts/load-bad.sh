# A bad table leaves the old one alone.
dmsetup create a --table "0 8 zero"
dmsetup load a --table "0 8 linear /dev/loop0 0"; echo $?; dmsetup table a; dmsetup info -c -o tables_loaded a
dmsetup load a --table "0 8 linear /dev/nosuch 0"; echo $?; dmesg -t
