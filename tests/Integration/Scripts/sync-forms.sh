# All ways to have it written.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"
st() { echo "$1: $(awk '{print $5,$7,$16}' /sys/block/dm-0/stat)"; }
exec 3<>/dev/mapper/l; w() { dd if=/dev/zero of=/dev/mapper/l bs=4k count=2 conv=notrunc status=none $1; }
w; st none; sync; st sync; w; sync /dev/mapper/l; st file; w; sync -d /dev/mapper/l; st data; w; sync -f /dev/mapper/l; st fs; sync; st sync; w conv=fsync; st conv=fsync; w conv=fdatasync; st fdatasync; w oflag=sync; st oflag=sync; w oflag=dsync; st dsync; w oflag=direct; st direct; w oflag=direct,sync; st direct,sync; w; blockdev --flushbufs /dev/mapper/l; st flushbufs; w; dmsetup suspend l; st suspend; dmsetup resume l; st resume; w; exec 3>&-; st close; w; st alone; sync; st sync; dmsetup suspend l; dmsetup resume l; st suspend
