# Through the page cache.
dmsetup create e --table "0 64 error"; dmesg -C
dd if=/dev/mapper/e of=/dev/null bs=512 count=1; echo $?; dmesg -t -C
dd if=/dev/mapper/e of=/dev/null bs=4k count=2; echo $?; cat /dev/mapper/e; echo $?
