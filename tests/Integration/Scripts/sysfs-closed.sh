# Nothing is made or removed in sysfs.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 1024 linear 7:0 0"; cd /sys/block/dm-0
echo 1 >queue/foo; echo $?; ls queue/foo; echo 1 >../foo; echo $?; mkdir bar; echo $?; mkdir queue; touch x; rm size; echo $?; rmdir slaves; rmdir dm; mv size dev; ln -s size l; mknod p p; echo 1 >nosuch/file; rm -f queue/rotational; cat size; ls -d queue dm bar x l p
