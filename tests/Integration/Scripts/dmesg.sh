# The log, read and cleared.
dmsetup create a --table "0 8 nosuch"; dmesg -t; dmesg -c >/dev/null; dmesg; echo "<4>hello" >/dev/kmsg; dmesg -t; dmesg -t -l warn; dmesg -t -x; dmesg -C; dmesg
