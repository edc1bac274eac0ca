# Several names in one command.
for n in a b c; do dmsetup create $n --table "0 8 zero"; done
dmsetup remove a nosuch c; echo $?; dmsetup ls
