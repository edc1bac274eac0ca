# A snapshot's table is replaced: the exceptions are handed over at resume.
truncate -s 4M disk; truncate -s 1M cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"; dd if=/dev/zero of=/dev/mapper/orig bs=4k count=7 oflag=direct status=none
dmsetup load snap --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup status snap; dmsetup status --inactive snap; dmsetup resume snap; echo $?; dmsetup suspend snap; dmsetup resume snap; dmsetup status snap
dmsetup load snap --table "0 8192 snapshot 7:0 7:1 P 16"; dmsetup suspend orig; dmsetup resume snap; echo $?; dmsetup resume orig; dmsetup status; dmesg -t
