# A persistent snapshot: table, status, what lies on the COW device.
truncate -s 4M disk; truncate -s 1M cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create base --table "0 8192 linear 7:0 0"; dmsetup create snap --table "0 8192 snapshot 254:0 7:1 P 8"; dmsetup create orig --table "0 8192 snapshot-origin 254:0"
dmsetup table; dmsetup status; dmsetup deps; dmsetup ls --tree; dmsetup info -c
head -c 4096 cow | od -A d -t x4 | head -n 4
dd if=/dev/urandom of=/dev/mapper/orig bs=4k count=3 oflag=direct status=none; dmsetup status; head -c 8192 cow | tail -c 4096 | od -A d -t u8 | head -n 5
dmsetup remove snap; dmsetup remove orig; dmsetup create snap --table "0 8192 snapshot 254:0 7:1 P 8"; dmsetup status snap; cmp -n 65536 /dev/mapper/snap /dev/zero; echo $?; dmesg -t
