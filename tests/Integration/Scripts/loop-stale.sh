# What is written to a device that another is built on.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"
echo first >/dev/loop0; head -c 5 a | od -An -c; head -c 5 /dev/mapper/l | od -An -c; head -c 5 /dev/loop0; echo; sync; head -c 5 a; echo; head -c 5 /dev/mapper/l; echo
echo again >/dev/mapper/l; head -c 5 /dev/loop0; echo; blockdev --flushbufs /dev/loop0; head -c 5 /dev/loop0; echo
echo third >/dev/loop0; dmsetup remove l; head -c 5 a; echo
dmsetup create l --table "0 2048 linear 7:0 0"; exec 3<>/dev/loop0; echo fourth >&3; dmsetup remove l; head -c 5 a; echo; exec 3>&-; head -c 5 a; echo
