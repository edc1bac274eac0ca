# Direct I/O wants whole blocks.
truncate -s 64k a; losetup /dev/loop0 a; dd if=/dev/loop0 of=/dev/null bs=100 count=1 iflag=direct; echo $?; dd if=/dev/loop0 of=/dev/null bs=512 count=1 iflag=direct,skip_bytes skip=256; echo $?; dd if=/dev/zero of=/dev/loop0 bs=700 count=1 oflag=direct; echo $?
