# Programs that would shorten or lengthen a device as if it were a file.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8 linear 7:0 8"
truncate -s 0 /dev/mapper/a; echo $?; truncate -s 1M /dev/mapper/a; echo $?; : >/dev/mapper/a; echo $?; fallocate -l 1M /dev/mapper/a; echo $?; fallocate -l 4096 /dev/mapper/a; echo $?
fallocate -p -o 0 -l 4096 /dev/mapper/a; echo $?; fallocate -z -o 0 -l 4096 /dev/mapper/a; echo $?; fallocate -c -o 0 -l 4096 /dev/mapper/a; echo $?; fallocate -p -o 0 -l 100 /dev/mapper/a; echo $?
dd if=/dev/zero of=/dev/mapper/a bs=512 count=0 seek=2; echo $?; cp /dev/null /dev/mapper/a; echo $?; blockdev --getsz /dev/mapper/a; ls -l disk | wc -l
