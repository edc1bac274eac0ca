# dmstats over the same.
truncate -s 1M d; losetup /dev/loop0 d; dmsetup create a --table "0 1024 linear 7:0 0"
dmsetup stats create a; dmsetup stats list; dmsetup stats list -v; dmsetup stats create --areas 4 a; dmsetup stats list --area; dmsetup stats create --start 0 --length 8 --userdata x a; dmsetup stats list -o +user_data
dmsetup stats print a | cut -d' ' -f1-3; dmsetup stats delete --regionid 1 a; dmsetup stats list; dmsetup stats delete --allregions a; dmsetup stats list; echo $?
