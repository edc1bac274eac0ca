# A table from a file; a file that is not there.
truncate -s 1M disk; losetup /dev/loop0 disk
echo "0 16 linear 7:0 0" >table
dmsetup create f table; echo $?; dmsetup table f
dmsetup create g nothere; echo $?; dmsetup ls
