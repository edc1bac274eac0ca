# Nothing but errors, written through memory.
sleep 6; dmsetup create e --table "0 64 error"; dmesg -C; echo hello >/dev/mapper/e; echo $?; dmesg -t -c; dd if=/dev/zero of=/dev/mapper/e bs=4k; echo $?; dmesg -t -c; dd if=/dev/zero of=/dev/mapper/e bs=4k count=8; echo $?; dmesg -t -c; exec 3>/dev/mapper/e; echo $?; printf x >&3; echo $?; sync /dev/mapper/e; echo $?; dmesg -t -c; sync; echo $?; exec 3>&-; dmesg -t -c; mkfs.ext4 -q /dev/mapper/e; echo $?; dmesg -t -c; blkid -p /dev/mapper/e; echo $?; file -s /dev/mapper/e; dmesg -t
# The lines that were held back are told now, not in another script.
dmsetup create held --table "0 8 error"; sleep 6; dd if=/dev/zero of=/dev/mapper/held bs=4k count=1 status=none conv=fsync 2>/dev/null; dmesg -C
