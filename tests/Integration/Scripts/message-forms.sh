# Messages and their sectors.
truncate -s 1M disk; losetup /dev/loop0 disk; printf '0 8 zero\n8 8 linear 7:0 0\n16 8 flakey 7:0 0 1 0\n24 8 delay 7:0 0 0\n' | dmsetup create a; dmsetup create empty -n
for m in "a 0 x" "a 8 x y z" "a 16 x" "a 24 x" "a 32 x" "a 100000 x" "a x y" "a -1 x" "a 0" "a" "" "empty 0 x" "nosuch 0 x" "a 0x8 x" "a 8 @stats_list"; do echo "[$m]"; dmsetup message $m; echo $?; done; dmsetup message a 0 ""; echo $?; dmsetup message a 0 "x  y"; echo $?; dmsetup message a 0 " "; echo $?; dmsetup message a 8 'a\ b'; echo $?; dmesg -t
