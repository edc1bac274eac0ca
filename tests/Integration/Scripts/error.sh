# Every access fails.
dmsetup create e --table "0 64 error"; dmsetup table e; dmsetup status e
dd if=/dev/mapper/e of=/dev/null bs=512 count=1 iflag=direct; echo $?
dd if=/dev/zero of=/dev/mapper/e bs=512 count=1 oflag=direct; echo $?
dmsetup create f --table "0 64 error 1 2 3"; dmsetup table f
