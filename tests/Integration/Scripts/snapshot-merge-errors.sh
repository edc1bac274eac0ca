# Merges that cannot be.
truncate -s 4M disk; truncate -s 1M cow cow2; losetup /dev/loop0 disk; losetup /dev/loop1 cow; losetup /dev/loop2 cow2
dmsetup create s1 --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup create s2 --table "0 8192 snapshot 7:0 7:2 P 8"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"
dd if=/dev/zero of=/dev/mapper/orig bs=4k count=5 oflag=direct status=none; dmsetup status
dmsetup load s1 --table "0 8192 snapshot-merge 7:0 7:1 P 8"; echo $?; dmsetup create m --table "0 8192 snapshot-merge 7:0 7:1 P 8"; echo $?; dmsetup remove m 2>/dev/null; dmsetup load orig --table "0 8192 snapshot-merge 7:0 7:1 P 8"; echo $?; dmsetup resume orig; echo $?; dmsetup status; dmesg -t
