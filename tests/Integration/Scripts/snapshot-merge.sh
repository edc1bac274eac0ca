# A merge, seen while it runs and after.
yes old-old | head -c 4M >disk; truncate -s 2M cow; losetup /dev/loop0 disk; losetup /dev/loop1 cow
dmsetup create snap --table "0 8192 snapshot 7:0 7:1 P 8"; dmsetup create orig --table "0 8192 snapshot-origin 7:0"
yes new-new | dd of=/dev/mapper/orig bs=4k count=50 iflag=fullblock oflag=direct status=none; dmsetup status snap
dmsetup suspend orig; dmsetup remove snap; dmsetup load orig --table "0 8192 snapshot-merge 7:0 7:1 P 8"; dmsetup status --inactive orig; dmsetup resume orig; head -c 8 /dev/mapper/orig
sleep 10; dmsetup status orig; dmsetup table orig; dmsetup info -c --noheadings -o events orig; head -c 8 disk; dmesg -t
