# Who claims a device keeps others away.
truncate -s 8M a; losetup /dev/loop0 a; dmsetup create l --table "0 1024 linear 7:0 0"
mkfs.ext4 -q -F /dev/loop0 2>&1; echo $?; wipefs -a /dev/loop0; echo $?; dmsetup remove l; mkfs.ext4 -q /dev/loop0; echo $?
