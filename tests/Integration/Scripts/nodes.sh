# What lies in /dev.
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"
stat -c '%n %F %t:%T %a %U %G' /dev/mapper/l /dev/dm-0 /dev/loop0 /dev/mapper/control; test -b /dev/mapper/l && echo block; test -c /dev/mapper/control && echo character; find /dev/mapper -type b; [ -e /dev/dm-1 ] || echo none
mknod /dev/mine b 254 0; dd if=/dev/mine of=/dev/null count=1 status=none; echo $?; rm /dev/mine; mknod /dev/none b 254 9; cat /dev/none; echo $?; rm /dev/none
mkdir /dev/folder; ln -s ../mapper/l /dev/folder/l; blockdev --getsz /dev/folder/l; mv /dev/folder/l /dev/folder/m; readlink /dev/folder/m; rm -r /dev/folder
