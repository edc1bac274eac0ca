# A device kept open keeps what was read.
truncate -s 4M a; losetup /dev/loop0 a; dmsetup create l --table "0 4096 linear 7:0 0"
st() { awk '{print $1,$2,$3,$5,$6,$7,$9,$16}' /sys/block/dm-0/stat; }
exec 3<>/dev/mapper/l; dd if=/dev/zero of=/dev/mapper/l bs=4k count=16 status=none; st; dd if=/dev/mapper/l of=/dev/null bs=4k count=16 status=none; st; dd if=/dev/mapper/l of=/dev/null bs=4k count=1 skip=100 status=none; st; dd if=/dev/mapper/l of=/dev/null bs=4k count=1 skip=101 status=none; st; sync; st; dd if=/dev/zero of=/dev/mapper/l bs=512 count=1 seek=2000 status=none; st; sync; st; printf abc >&3; st; sync /dev/mapper/l; st; exec 3>&-; st
