# Tables whose lines do not follow each other.
dmsetup create a --table "8 8 zero"; echo $?
printf '0 8 zero\n16 8 zero\n' | dmsetup create a; echo $?
printf '0 8 zero\n4 8 zero\n' | dmsetup create a; echo $?
printf '0 0 zero\n' | dmsetup create a; echo $?
dmsetup ls; dmesg -t
