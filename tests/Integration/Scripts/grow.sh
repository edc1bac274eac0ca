# A device grows under whoever has it open.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create d --table "0 64 linear 7:0 0"; exec 3<>/dev/mapper/d
dmsetup load d --table "0 128 linear 7:0 0"; dmsetup suspend d; dmsetup resume d; blockdev --getsz /dev/fd/3; dd bs=512 skip=100 count=1 iflag=direct status=none <&3 | wc -c
