# What blockdev knows.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1000 linear 7:0 0"
for d in /dev/loop0 /dev/mapper/l; do blockdev --getsz --getsize64 --getss --getpbsz --getiomin --getioopt --getalignoff --getmaxsect --getra --getfra --getro --getbsz --getdiscardzeroes $d; done
blockdev --setro /dev/mapper/l; blockdev --getro /dev/mapper/l; blockdev --setrw /dev/mapper/l; blockdev --getro /dev/mapper/l; blockdev --flushbufs /dev/mapper/l; echo $?; blockdev --rereadpt /dev/loop0; echo $?
