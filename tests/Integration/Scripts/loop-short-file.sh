# The loop device itself fails: its file is too short, it is read-only.
sleep 6; truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"; dmesg -C; truncate -s 64K a; cat /dev/mapper/l | wc -c; dmesg -t -c; dd if=/dev/zero of=/dev/mapper/l bs=64k count=4 status=none conv=fsync; echo $?; stat -c %s a; losetup -d /dev/loop0; dmsetup remove l; losetup -a
losetup -r /dev/loop0 a; dmsetup create l --table "0 512 linear 7:0 0"; echo $?; dmsetup create l -r --table "0 512 linear 7:0 0"; blockdev --setrw /dev/mapper/l; echo x > /dev/mapper/l; echo $?; dmesg -t -c
# The lines that were held back are told now, not in another script.
dmsetup create held --table "0 8 error"; sleep 6; dd if=/dev/zero of=/dev/mapper/held bs=4k count=1 status=none conv=fsync 2>/dev/null; dmesg -C
