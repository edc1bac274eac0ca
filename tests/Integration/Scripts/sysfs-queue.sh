# Queue limits.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"; dmsetup create s --table "0 1024 striped 2 32 7:0 0 7:0 1024"; dmsetup create z --table "0 8 zero"
for d in loop0 dm-0 dm-1 dm-2; do (cd /sys/block/$d/queue; grep -H . *size *_kb rotational discard_* write_cache fua chunk_sectors logical* optimal* write_zeroes* nr_requests max_segments | grep -v zone); done
