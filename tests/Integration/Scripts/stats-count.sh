# Statistics count reads and writes.
truncate -s 1M d; losetup /dev/loop0 d; dmsetup create a --table "0 1024 linear 7:0 0"; dmsetup message a 0 "@stats_create - /2" >/dev/null
dd if=/dev/zero of=/dev/mapper/a bs=4k count=3 oflag=direct status=none; dd if=/dev/mapper/a of=/dev/null bs=512 skip=600 count=2 iflag=direct status=none
dmsetup message a 0 "@stats_print 0" | cut -d' ' -f1-4,6-8; dmsetup message a 0 "@stats_clear 0"; dmsetup message a 0 "@stats_print 0" | cut -d' ' -f1-4,6-8
