# A full COW device with PO: overflow is not the end.
truncate -s 4M disk; truncate -s 64K cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 PO 8"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"; dmsetup table snap; dmsetup status snap
dd if=/dev/zero of=/dev/mapper/snap bs=4k count=100 oflag=direct; echo $?; dmsetup status snap; dmsetup info -c --noheadings -o events snap
dd if=/dev/mapper/snap of=/dev/null bs=4k count=200 iflag=direct; echo $?; dd if=/dev/zero of=/dev/mapper/orig bs=4k seek=200 count=1 oflag=direct; echo $?; dmsetup status snap; dmesg -t
