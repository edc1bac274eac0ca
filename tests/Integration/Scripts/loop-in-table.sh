# A loop device without a file.
dmsetup create x --table "0 8 linear 7:0 0"; echo $?; dmesg -t; blockdev --getsz /dev/loop0; dd if=/dev/loop0 of=/dev/null count=1; echo $?
