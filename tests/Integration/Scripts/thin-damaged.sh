# Metadata that is none.
truncate -s 4M meta; truncate -s 16M data; yes | head -c 4096 | dd of=meta conv=notrunc status=none; losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"; echo $?; dmesg -t; thin_check /dev/loop0 >/dev/null 2>&1; echo $?
