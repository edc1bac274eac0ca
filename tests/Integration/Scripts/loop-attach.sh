# Loop devices come and go.
truncate -s 1M a b
losetup -f; losetup -f --show a; losetup -f --show b; losetup -f; losetup -l -n -O NAME,BACK-FILE; losetup -j a -n -O NAME -l
losetup -d /dev/loop0; losetup -l -n -O NAME,BACK-FILE; losetup -D; losetup -a; losetup -d /dev/loop0; echo $?
losetup /dev/loop0 nothere; echo $?; losetup /dev/loop0 a; losetup /dev/loop0 b; echo $?; dmesg -t
