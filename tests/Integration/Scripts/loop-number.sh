# A device that is made when it is asked for.
truncate -s 1M a; ls /dev/loop[0-9]*; losetup /dev/loop20 a; echo $?; ls /dev/loop2*; losetup -d /dev/loop20
dmsetup create l --table "0 8 linear 7:99 0"; echo $?; ls /dev/loop9*; dmesg -t
