# What statistics may not be.
dmsetup create a --table "0 1024 zero"
for m in "@stats_create" "@stats_create x" "@stats_create - 0" "@stats_create - /0" "@stats_create 0+2048 /1" "@stats_create 1000+100 8" "@stats_print" "@stats_print 5" "@stats_clear 5" "@stats_nosuch" "@stats_list a b" "@stats_set_aux 0 x" "@other"; do echo "[$m]"; dmsetup message a 0 "$m"; echo $?; done; dmesg -t
