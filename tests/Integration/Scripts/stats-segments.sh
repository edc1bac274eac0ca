# One region for each line of a table.
truncate -s 4M disk; losetup /dev/loop0 disk; printf '0 1024 linear 7:0 0\n1024 1024 zero\n2048 512 error\n' | dmsetup create a
dmstats create --segments a; dmstats list -o +group_id,area_count; dmstats list --group; dmstats create --segments --nogroup a; dmstats list --noheadings -o region_id,region_start,region_len,group_id; dmstats create --segments --start 8 a; echo $?; dmsetup message a 0 @stats_list
