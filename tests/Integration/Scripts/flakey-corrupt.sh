# One byte of every bio changed.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create f --table "0 64 flakey 7:0 0 0 10 5 corrupt_bio_byte 4 r 65 0"; dmsetup table f
dd if=/dev/mapper/f bs=512 count=1 iflag=direct status=none | head -c 8 | od -c
dmsetup create e --table "0 64 flakey 7:0 0 0 10 1 error_writes"; dd if=/dev/zero of=/dev/mapper/e count=1 oflag=direct; echo $?; dd if=/dev/mapper/e of=/dev/null count=1 iflag=direct status=none; echo $?
