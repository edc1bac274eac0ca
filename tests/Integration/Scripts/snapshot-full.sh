# A full COW device with P, filled through the origin.
truncate -s 4M disk; truncate -s 64K cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"
dmsetup wait snap & sleep 1; dd if=/dev/zero of=/dev/mapper/orig bs=4k count=100 oflag=direct; wait; echo $?; dmsetup status snap; dmsetup info -c --noheadings -o events snap; dmesg -t; dmsetup remove snap
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup status snap; dd if=/dev/mapper/snap of=/dev/null count=1 iflag=direct; dmesg -t
