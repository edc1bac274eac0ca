# Trees of all kinds.
truncate -s 4M a; truncate -s 4M b; losetup /dev/loop0 a; losetup /dev/loop1 b
dmsetup create l0 --table "0 2048 linear 7:0 0"; dmsetup create l1 -u U1 --table "0 2048 linear 7:1 0"
printf '0 1024 linear 254:0 0\n1024 1024 linear 254:1 0\n' | dmsetup create j; dmsetup create s --table "0 2048 striped 2 16 254:0 0 254:1 0" 2>&1; dmsetup create z --table "0 8 zero"; dmsetup create top --table "0 8 linear 254:2 0"
dmsetup ls --tree; dmsetup ls --tree -o inverted; dmsetup ls --tree -o uuid,open,rw,active,blkdevname,device; dmsetup ls --tree -o ascii,notrunc,nodevice; dmsetup ls --tree -o vt100,compact; dmsetup ls --tree -o utf; dmsetup ls -o blkdevname; dmsetup ls -o devname; dmsetup ls -o devno; dmsetup ls --tree top; dmsetup ls --tree --noheadings; dmsetup ls --target linear; dmsetup ls --target zero --exec "echo got"; dmsetup deps; dmsetup deps -o blkdevname top; dmsetup deps -o devname j
