# Targets that take no messages.
dmsetup create a --table "0 8 zero"; dmsetup message a 0 hello; echo $?; dmsetup message a 100 hello; echo $?
dmsetup message a x hello; echo $?; dmsetup message a 0; echo $?; dmesg -t
