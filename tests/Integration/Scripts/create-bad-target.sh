# A target that no kernel knows.
dmsetup create a --table "0 8 nosuch"; echo $?
dmsetup ls; dmesg -t
