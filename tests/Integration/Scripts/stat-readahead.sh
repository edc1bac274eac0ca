# What reading costs, by pattern.
truncate -s 16M a; losetup /dev/loop0 a; dmsetup create l --table "0 32768 linear 7:0 0"
st() { echo "$*: $(awk '{print $1,$2,$3}' /sys/block/dm-0/stat)"; }
r() { dd if=/dev/mapper/l of=/dev/null status=none "$@"; st "$@"; }
r bs=512 count=1; r bs=512 count=8; r bs=4k count=1; r bs=4k count=2; r bs=4k count=4; r bs=4k count=8; r bs=4k count=64; r bs=64k count=1; r bs=64k count=4; r bs=128k count=1; r bs=128k count=4; r bs=256k count=1; r bs=1M count=1; r bs=1M count=2; r bs=4k count=1 skip=5; r bs=4k count=3 skip=5; r bs=4k count=40 skip=5; r bs=64k count=3 skip=3; r bs=1M count=2 skip=3; r bs=4k skip=4090; r bs=1000 count=100
exec 3</dev/mapper/l
for s in 0 1 2 3 7 8 9 20 40 41 42 60 61; do r bs=4k count=1 skip=$s; done
blockdev --flushbufs /dev/mapper/l
for i in 1 2 3 4 5 6; do head -c 4096 <&3 >/dev/null; st; done; for i in 1 2 3; do dd bs=64k count=2 <&3 of=/dev/null status=none; st; done
for ra in 0 8 64 1024; do blockdev --setra $ra --flushbufs /dev/mapper/l; r bs=4k count=16; done
