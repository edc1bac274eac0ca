# The largest I/O, as it is set and as it is handed on; files that only some devices have.
truncate -s 1M disk; losetup /dev/loop0 disk; losetup -P /dev/loop2 disk; q() { cat /sys/block/dm-*/queue/max_sectors_kb; }
dmsetup create l --table "0 1024 linear 7:0 0"; dmsetup create z --table "0 8 zero"; dmsetup create e --table "0 8 error"; q
for d in loop0 loop2 dm-0 dm-1 dm-2; do echo "[$d]"; (cd /sys/block/$d; grep -s . partscan integrity/device_is* queue/io_poll* queue/iostats queue/rotational queue/wbt_lat_usec queue/atomic*); done
w() { echo "[$*]"; echo $2 >/sys/block/$1; echo $?; cat /sys/block/$1; }
for n in 4096 3 64 0; do w dm-1/queue/max_sectors_kb $n; done; w dm-0/queue/max_sectors_kb 4096; w loop0/queue/max_sectors_kb 1281; w loop0/queue/max_sectors_kb 512
w dm-1/queue/max_sectors_kb 2000000; w dm-1/queue/max_sectors_kb 99999999999; dmsetup create lz --table "0 8 linear 254:1 0"; dmsetup create l2 --table "0 8 linear 7:0 0"; q
dmsetup reload z --table "0 8 zero"; dmsetup resume z; q; dmsetup create s --table "0 8192 striped 2 4096 254:1 0 254:1 0"; q; echo 1280 >/sys/block/loop0/queue/max_sectors_kb; dmesg -t
