# A loop device whose table of partitions is looked at: the partitions are devices, in sysfs, under tables, and gone with the file.
truncate -s 8M a; printf 'label: dos\nlabel-id: 0x12345678\nstart=2048,size=4096,type=83\nstart=6144,size=2048,type=82\n' | sfdisk -q a; dmesg -C
losetup -P /dev/loop0 a; ls /dev/loop0*; stat -c '%n %F %t:%T %a' /dev/loop0p1; grep loop /proc/partitions; dmesg -t; lsblk -o NAME,MAJ:MIN,SIZE,RO,TYPE,START /dev/loop0
for f in $(find /sys/block/loop0/loop0p1/ -type f | sort); do echo "$f: $(cat $f 2>&1 | grep -v DISKSEQ | tr '\n' ' ')"; done; readlink /sys/class/block/loop0p1 /sys/dev/block/259:0
blockdev --getsz --getss --getpbsz --getiomin --getioopt --getalignoff --getra /dev/loop0p1; blockdev --report /dev/loop0p2
echo hello | dd of=/dev/loop0p1 conv=fsync status=none; dd if=a bs=512 skip=2048 count=1 status=none | head -c 6; dd if=/dev/zero of=/dev/loop0p2 bs=64k oflag=direct status=none
dmsetup create x --table "0 2048 linear /dev/loop0p1 8"; dmsetup table x; dmsetup deps x; dmsetup deps -o devname x; dmsetup ls --tree; ls /sys/block/dm-0/slaves /sys/block/loop0/loop0p1/holders
dmsetup create y --table "0 8192 linear /dev/loop0p1 0"; dmsetup create w --table "0 8 linear /dev/loop0 0"; dmesg -t | tail -5
blockdev --rereadpt /dev/loop0; losetup -d /dev/loop0; ls /dev/loop0*; dmsetup remove x; ls /dev/loop0*; losetup -a; grep loop0 /proc/partitions
losetup /dev/loop0 a; ls /dev/loop0*; blockdev --rereadpt /dev/loop0; losetup -d /dev/loop0; losetup -r -P /dev/loop0 a; blockdev --getro /dev/loop0p1; blockdev --setrw /dev/loop0p1; blockdev --getro /dev/loop0p1
