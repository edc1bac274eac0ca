# fallocate on a device.
truncate -s 1M a; losetup /dev/loop0 a; yes | dd of=/dev/loop0 bs=64k count=16 iflag=fullblock oflag=direct status=none
fallocate -z -o 4096 -l 4096 /dev/loop0; echo $?; fallocate -p -o 16384 -l 4096 /dev/loop0; echo $?; fallocate -p -o 100 -l 100 /dev/loop0; echo $?; fallocate -l 4096 /dev/loop0; echo $?; od -An -c -j 4094 -N 4 /dev/loop0; od -An -c -j 16382 -N 4 /dev/loop0
