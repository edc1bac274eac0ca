# Reports that repeat.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"; dmstats create a
dmstats report --count 3 --interval 2 --noheadings -o write_count a; dmsetup info -c --count 2 --interval 1 --noheadings -o name; dmsetup status --count 2; echo $?; dmstats report --count 2 --interval 0 a | wc -l; echo $?
