# Partitions made, changed and taken away by hand.
truncate -s 8M a; printf 'label: dos\nstart=2048,size=4096\nstart=6144,size=2048\n' | sfdisk -q a; losetup /dev/loop1 a; dmesg -C
partx -a /dev/loop1; echo $?; ls /dev/loop1*; partx -d --nr 2 /dev/loop1; echo $?; ls /dev/loop1*; partx -u /dev/loop1; echo $?; ls /dev/loop1*; partx -d /dev/loop1; echo $?; ls /dev/loop1*
addpart /dev/loop1 1 8 8; echo $?; addpart /dev/loop1 2 12 8; echo $?; addpart /dev/loop1 1 800 8; resizepart /dev/loop1 1 4; echo $?; resizepart /dev/loop1 1 40; blockdev --getsz /dev/loop1p1; resizepart /dev/loop1 3 8; delpart /dev/loop1 2; addpart /dev/loop1 2 20000 8; echo $?; cat /sys/block/loop1/loop1p2/start; dd if=/dev/loop1p2 of=/dev/null count=1; addpart /dev/loop1 300 100 8; addpart /dev/loop1p1 1 0 1
exec 5</dev/loop1p1; delpart /dev/loop1 1; exec 5<&-; dmsetup create d --table "0 16 linear /dev/loop1p1 8"; delpart /dev/loop1 1; dmsetup remove d; delpart /dev/loop1 1; echo $?; ls /dev/loop1*; losetup -d /dev/loop1; ls /dev/loop1*; true </dev/loop1; ls /dev/loop1*
dmsetup create m --table "0 64 zero"; addpart /dev/mapper/m 1 8 8; delpart /dev/mapper/m 1; resizepart /dev/mapper/m 1 8; dmesg -t
