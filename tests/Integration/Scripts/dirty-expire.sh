# What has been dirty for thirty seconds is written.
sleep 90; truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"
st() { echo "$1 $(awk '{print $5,$7}' /sys/block/dm-0/stat)"; }
exec 3<>/dev/mapper/l; printf x >&3; for i in 1 2 3 4 5 6 7 8 9; do sleep 4; st $((i*4)); done; sleep 10; st 46
dd if=/dev/zero of=/dev/mapper/l bs=4k count=2 status=none; sleep 20; dd if=/dev/zero of=/dev/mapper/l bs=4k count=2 seek=8 status=none; st 20; sleep 14; st 34; sleep 30; st 64
