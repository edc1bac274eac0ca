# A read-only device refuses writes.
dmsetup create ro -r --table "0 8 zero"; dmsetup info ro
blockdev --getro /dev/mapper/ro
dd if=/dev/zero of=/dev/mapper/ro count=1 oflag=direct status=none; echo $?
dmsetup info -c -o name,attr,readonly ro
