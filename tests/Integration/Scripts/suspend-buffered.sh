# Writing to a suspended device returns; syncing waits.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 2048 linear 7:0 0"; dmsetup suspend l; exec 3<>/dev/mapper/l; printf hello >&3 & sleep 1; jobs -r | wc -l; head -c 5 a | od -An -c; dmsetup resume l; wait; exec 3>&-; head -c 5 a | od -An -c
dmsetup suspend l; (dd if=/dev/zero of=/dev/mapper/l bs=4k count=1 status=none; echo dd $?) & sleep 1; echo before; dmsetup resume l; wait
exec 3<>/dev/mapper/l; head -c 5 /dev/mapper/l >/dev/null; dmsetup suspend l; printf again >&3; echo $?; head -c 5 /dev/mapper/l; (sync /dev/mapper/l; echo synced) & sleep 1; echo before; dmsetup resume l; wait; exec 3>&-; head -c 5 a
