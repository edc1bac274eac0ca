# An empty table makes no device.
dmsetup create e --table ""; echo $?
dmsetup create e </dev/null; echo $?
dmsetup ls; dmesg -t
