# A file that is deleted while it is in use.
truncate -s 64k a; losetup /dev/loop0 a; rm a; losetup -l -n -O NAME,BACK-FILE; dd if=/dev/zero of=/dev/loop0 bs=64k count=1 oflag=direct status=none; echo $?; losetup -d /dev/loop0; losetup -a
