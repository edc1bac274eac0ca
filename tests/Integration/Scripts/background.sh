# Several programs at once.
for i in 0 1 2 3; do truncate -s 1M d$i; losetup /dev/loop$i d$i; dmsetup create l$i --table "0 2048 linear 7:$i 0"; done
for i in 0 1 2 3; do yes $i | head -c 1M | dd of=/dev/mapper/l$i bs=64k iflag=fullblock oflag=direct status=none & done; wait; for i in 0 1 2 3; do md5sum <d$i; done
