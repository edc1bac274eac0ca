# A suspended device can go; a table loaded meanwhile goes with it.
dmsetup create a --table "0 8 zero"
dmsetup suspend a; dmsetup load a --table "0 16 zero"; dmsetup info a; dmsetup remove a; echo $?; dmsetup ls
