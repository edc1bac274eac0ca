# The states of a device.
dmsetup create a --table "0 8 zero"
dmsetup suspend a; echo $?; dmsetup info a; dmsetup suspend a; echo $?
dmsetup resume a; echo $?; dmsetup resume a; echo $?; dmsetup info -c -o name,suspended,attr,tables_loaded
