# A geometry set and forgotten with the size.
dmsetup create a --table "0 800 zero"; dmsetup setgeometry a 10 20 4 0; echo $?
dmsetup setgeometry a 1 1 1 100; echo $?; dmsetup setgeometry a 1 2; echo $?; dmesg -t
