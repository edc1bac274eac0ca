# Histograms filled by delays, counted and in per cent.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create slow --table "0 8192 delay 7:0 0 0 7:0 0 30"; dmstats create --bounds 10ms,20ms,50ms slow
dd if=/dev/zero of=/dev/mapper/slow bs=4k count=5 oflag=direct status=none; dmstats report --noheadings -o hist_bins,hist_bounds,hist_count slow; dmstats report --histogram --noheadings -o hist_count_bounds,hist_percent slow; dmstats report --noheadings -o hist_count_ranges,hist_percent_ranges slow; dmstats report --histogram --relative --noheadings -o hist_percent_bounds slow
