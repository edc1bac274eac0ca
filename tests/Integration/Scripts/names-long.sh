# The longest name, and one more.
n=$(printf %0127d 0); dmsetup create $n --table "0 8 zero"; echo $?; dmsetup ls; dmsetup remove $n
n=$(printf %0128d 0); dmsetup create $n --table "0 8 zero"; echo $?
u=$(printf %0128d 0); dmsetup create a -u $u --table "0 8 zero"; echo $?; u=$(printf %0129d 0); dmsetup create b -u $u --table "0 8 zero"; echo $?
dmsetup ls
