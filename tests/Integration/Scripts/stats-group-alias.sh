# Groups have names; regions leave and come.
dmsetup create a --table "0 1024 zero"
for i in 0 8 16 24; do dmstats create --nogroup --start $i --length 8 a; done
dmstats group --regions 0-1,3 --alias three a; dmstats list -o region_id,group_id,name; dmstats group --regions 1,2 a; echo $?; dmstats group --regions 9 a; echo $?; dmstats group --alias x a; echo $?; dmstats group --regions x a; echo $?
dmstats list --group; dmstats list --region; dmstats list --area --group; dmstats ungroup --groupid 0 a; dmstats ungroup --groupid 0 a; echo $?; dmstats list --group; dmsetup message a 0 @stats_list
