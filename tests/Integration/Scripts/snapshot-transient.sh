# A snapshot that does not outlive its table.
truncate -s 4M disk; truncate -s 64K cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 N 16"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"; dmsetup table; dmsetup status
dd if=/dev/zero of=/dev/mapper/orig bs=8k count=3 oflag=direct status=none; dmsetup status snap; dd if=/dev/zero of=/dev/mapper/snap bs=8k seek=5 count=2 oflag=direct status=none; dmsetup status snap
dd if=/dev/zero of=/dev/mapper/snap bs=8k seek=20 count=10 oflag=direct; echo $?; dmsetup status snap; dmsetup info snap; dd if=/dev/mapper/snap of=/dev/null bs=4k count=1 iflag=direct; echo $?; dmesg -t; head -c 16 cow | od -c
