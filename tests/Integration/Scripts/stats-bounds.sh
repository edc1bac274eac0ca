# Histograms: bounds of every unit.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"
for b in 10ms 1ms,5ms 100us,1ms,1s 5ns 0 x 5ms,1ms 10,20 1,2,3,4,5ms ""; do echo "[$b]"; dmstats create --nogroup --bounds "$b" a; echo $?; done; dmstats list --histogram; dmstats list --noheadings -o region_id,hist_bins,hist_bounds,hist_ranges,precise; dmsetup message a 0 @stats_list
