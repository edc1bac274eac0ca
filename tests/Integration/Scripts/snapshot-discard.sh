# discard_zeroes_cow and discard_passdown_origin.
truncate -s 4M disk; truncate -s 1M cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
for f in "1 discard_zeroes_cow" "1 discard_passdown_origin" "2 discard_zeroes_cow discard_passdown_origin" "2 discard_passdown_origin discard_zeroes_cow"; do echo "[$f]"; dmsetup create snap --table "0 8192 snapshot 7:0 7:1 P 8 $f"; echo $?; dmsetup table snap; lsblk -dno DISC-GRAN,DISC-MAX /dev/mapper/snap; blkdiscard -o 0 -l 64K /dev/mapper/snap; echo $?; dmsetup status snap; dmsetup remove snap; done; dmesg -t
