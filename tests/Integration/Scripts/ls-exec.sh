# ls with a command for each device, with targets, with names.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create b --table "0 8 linear 7:0 0"; dmsetup create a --table "0 8 zero"; dmsetup create c -n
dmsetup ls; dmsetup ls --exec "echo see"; dmsetup ls --target zero --exec "stat -c %n"; dmsetup ls --exec false; echo $?; dmsetup ls --exec /nosuch; echo $?; dmsetup ls --target nosuch; echo $?; dmsetup ls -o blkdevname; dmsetup ls -o devname; dmsetup ls -o devno; dmsetup ls -o nosuch; echo $?; dmsetup ls a; echo $?; dmsetup ls --noheadings; dmsetup ls -v; dmsetup ls -c; echo $?
