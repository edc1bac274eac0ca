# An error below one stripe.
truncate -s 1M d0; losetup /dev/loop0 d0; dmsetup create e --table "0 512 error"
dmsetup create s --table "0 512 striped 2 8 7:0 0 /dev/mapper/e 0"; dd if=/dev/mapper/s of=/dev/null bs=512 count=1 iflag=direct status=none; echo $?; dd if=/dev/mapper/s of=/dev/null bs=512 skip=8 count=1 iflag=direct status=none; echo $?
