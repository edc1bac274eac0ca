# Latencies in bounds.
dmsetup create a --table "0 1024 zero"
dmsetup stats create --bounds 10ms,20ms a; dmsetup stats list -o region_id,hist_bins,hist_bounds,precise; dmsetup stats create --bounds 10us,20us a; dmsetup stats list -o region_id,hist_bins,hist_bounds,precise; dmsetup stats create --precise --nogroup a; dmsetup stats list -o region_id,precise; dmsetup stats create --bounds 20,10 a; echo $?
