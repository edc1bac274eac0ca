# One file behind two loop devices.
truncate -s 64k a; losetup /dev/loop0 a; losetup /dev/loop1 a; echo $?; losetup -L -f --show a; losetup -j a -n -O NAME -l | wc -l; printf x | dd of=/dev/loop0 bs=512 conv=sync oflag=direct status=none; dd if=/dev/loop1 bs=1 count=1 status=none; echo
