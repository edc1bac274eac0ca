# Offset, limit, read-only, sector size.
truncate -s 1M a
losetup -o 4096 --sizelimit 8192 /dev/loop0 a; losetup -l -n -O NAME,SIZELIMIT,OFFSET,RO,DIO,LOG-SEC; blockdev --getsz /dev/loop0; losetup -d /dev/loop0
losetup -r /dev/loop0 a; blockdev --getro /dev/loop0; dd if=/dev/zero of=/dev/loop0 count=1 status=none; echo $?; losetup -d /dev/loop0
losetup --sector-size 4096 /dev/loop0 a; blockdev --getss --getpbsz --getiomin /dev/loop0; dd if=/dev/loop0 of=/dev/null bs=512 count=1 iflag=direct; echo $?; losetup -d /dev/loop0
losetup --sector-size 1000 /dev/loop0 a; echo $?; losetup -o 1000 /dev/loop0 a; blockdev --getsize64 /dev/loop0; losetup -d /dev/loop0
