# A disk with a bad spot.
truncate -s 1M disk; losetup /dev/loop0 disk
printf '0 8 linear 7:0 0\n8 8 error\n16 8 linear 7:0 16\n' | dmsetup create bad
for i in 0 7 8 15 16; do dd if=/dev/mapper/bad of=/dev/null bs=512 skip=$i count=1 iflag=direct status=none; echo "$i $?"; done
dd if=/dev/mapper/bad of=/dev/null bs=4k count=3 iflag=direct; dd if=/dev/mapper/bad of=copy bs=512 conv=noerror,sync iflag=direct status=none; stat -c %s copy
