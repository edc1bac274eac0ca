# Extra validation of names.
dmsetup --checks create a --table "0 8 zero"; echo $?; dmsetup --checks remove a; echo $?
