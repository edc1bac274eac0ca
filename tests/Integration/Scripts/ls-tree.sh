# The tree of devices, in its forms.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create l --table "0 8 linear 7:0 0"; dmsetup create m --table "0 8 linear 7:0 8"
printf '0 8 linear /dev/mapper/l 0\n8 8 linear /dev/mapper/m 0\n' | dmsetup create top
dmsetup ls --tree; for o in ascii utf compact inverted nodevice blkdevname uuid active open rw notrunc ascii,compact,inverted; do echo "[$o]"; dmsetup ls --tree -o $o; done
dmsetup ls --tree -o nosuch; echo $?
