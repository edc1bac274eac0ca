# Reads zeros, takes all.
dmsetup create z --table "0 64 zero"; dmsetup table z; dmsetup status z
dd if=/dev/mapper/z bs=512 count=64 iflag=direct status=none | tr -d '\0' | wc -c
yes | head -c 512 | dd of=/dev/mapper/z oflag=direct status=none; echo $?; dd if=/dev/mapper/z bs=512 count=1 iflag=direct status=none | tr -d '\0' | wc -c
dmsetup create y --table "0 8 zero x"; echo $?; dmesg -t
