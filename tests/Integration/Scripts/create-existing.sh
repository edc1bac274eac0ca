# A name that is taken.
dmsetup create a --table "0 8 zero"
dmsetup create a --table "0 8 zero"; echo $?
dmsetup create a --notable; echo $?
dmsetup ls; dmesg -t
