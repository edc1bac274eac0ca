# The kernel's own list of loop devices.
losetup -f; truncate -s 64k a; losetup /dev/loop7 a; losetup -f; losetup -d /dev/loop7; losetup -d /dev/loop7; echo $?; losetup /dev/loop1 a; losetup -f; cat /sys/block/loop1/loop/backing_file; cat /sys/block/loop0/loop/backing_file; echo $?
