# Names with characters that nodes cannot have.
dmsetup create 'a b' --table "0 8 zero"; ls /dev/mapper; dmsetup ls; dmsetup info -c -o name,mangled_name,unmangled_name
dmsetup --manglename none ls; dmsetup --manglename hex ls; dmsetup remove 'a b'; dmsetup ls
dmsetup create 'x/y' --table "0 8 zero"; echo $?; dmsetup create . --table "0 8 zero"; echo $?
