# Who hears of a page that was lost.
sleep 6; truncate -s 1M a; losetup /dev/loop0 a; printf '0 16 linear 7:0 0\n16 16 error\n32 2016 linear 7:0 32\n' | dmsetup create e; dmesg -C
exec 3<>/dev/mapper/e; dd if=/dev/zero of=/dev/mapper/e bs=4k count=4; echo $?; sync; echo $?; dmesg -t -c; sync /dev/mapper/e; echo $?; sync /dev/mapper/e; echo $?; exec 3>&-; sync /dev/mapper/e; echo $?
dd if=/dev/zero of=/dev/mapper/e bs=4k count=4 status=none; echo $?; dmesg -t -c; sync /dev/mapper/e; echo $?; sync /dev/mapper/e; echo $?; dd if=/dev/mapper/e of=/dev/null bs=4k count=1 iflag=direct status=none; echo $?
exec 3<>/dev/mapper/e; dd if=/dev/zero of=/dev/mapper/e bs=4k seek=2 count=1 status=none; dd if=/dev/mapper/e of=/dev/null bs=4k count=4 iflag=direct; echo $?; dd if=/dev/mapper/e of=/dev/null bs=4k count=1 iflag=direct status=none; echo $?; dd if=/dev/mapper/e of=/dev/null bs=4k count=4; echo $?; dd if=/dev/zero of=/dev/mapper/e bs=4k seek=2 count=1 status=none; blockdev --flushbufs /dev/mapper/e; echo $?; dmesg -t -c; dd if=/dev/zero of=/dev/mapper/e bs=4k seek=2 count=1 status=none; sleep 40; dmesg -t -c; exec 3>&-; dmesg -t
dmsetup create big --table "0 256 error"; dd if=/dev/zero of=/dev/mapper/big bs=4k status=none; echo $?; dmesg -t; sleep 6; dd if=/dev/zero of=/dev/mapper/big bs=4k count=1 status=none; dmesg -t
# The lines that were held back are told now, not in another script.
dmsetup create held --table "0 8 error"; sleep 6; dd if=/dev/zero of=/dev/mapper/held bs=4k count=1 status=none conv=fsync 2>/dev/null; dmesg -C
