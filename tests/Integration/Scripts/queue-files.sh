# All files of queues.
truncate -s 4M a; losetup -b 4096 /dev/loop0 a; truncate -s 1M b; losetup /dev/loop1 b; dmsetup create l --table "0 4096 linear 7:0 0"; dmsetup create s --table "0 4096 striped 2 64 7:0 0 7:0 2048"; dmsetup create z --table "0 8 zero"; dmsetup create e --table "0 8 error"; printf '0 8 linear 7:0 0\n8 8 zero\n' | dmsetup create x; dmsetup create n -n
for d in loop0 loop1 dm-0 dm-1 dm-2 dm-3 dm-4 dm-5; do echo "== $d"; (cd /sys/block/$d/queue; grep -s . *) ; done
