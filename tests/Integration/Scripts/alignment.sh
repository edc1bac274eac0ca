# Stacks of block sizes.
truncate -s 1M a b; losetup --sector-size 4096 /dev/loop0 a; losetup /dev/loop1 b
dmsetup create x --table "0 64 linear 7:0 8"; blockdev --getss --getpbsz /dev/mapper/x; dmsetup create y --table "0 64 linear 7:0 4"; echo $?; dmsetup create z --table "0 60 linear 7:0 0"; echo $?
printf '0 64 linear 7:0 0\n64 64 linear 7:1 0\n' | dmsetup create m; blockdev --getss --getpbsz --getiomin /dev/mapper/m; dmesg -t
