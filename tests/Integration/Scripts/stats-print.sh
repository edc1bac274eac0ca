# print, raw and cleared.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"
dmstats create --start 0 --length 4096 --areasize 1M a; dd if=/dev/zero of=/dev/mapper/a bs=64k count=20 oflag=direct status=none
dmstats print --regionid 0 a | cut -d ' ' -f 1-4,6-8,10; dmstats print --clear --regionid 0 a | cut -d ' ' -f 1-4,6-8,10; dmstats print --regionid 0 a | cut -d ' ' -f 1-4,6-8,10; dmstats print a | wc -l; dmstats print --allregions a | wc -l; dmstats print --regionid 5 a; echo $?
dmstats clear --regionid 0 a; echo $?; dmstats clear --allregions a; echo $?; dmstats clear --regionid 7 a; echo $?; dmstats clear a; echo $?
