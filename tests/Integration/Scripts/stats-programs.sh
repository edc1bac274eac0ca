# Regions belong to programs; user data, precise counters.
dmsetup create a --table "0 1024 zero"
dmstats create --nogroup --programid mine --userdata hello a; dmstats create --nogroup --precise a; dmstats create --nogroup --programid "" a; echo $?; dmstats list; dmstats list --allprograms -o +program_id,user_data,precise; dmstats list --programid mine -o region_id,program_id; dmstats list -v
dmstats report --programid mine --noheadings -o region_id,program_id; dmstats delete --allregions --programid mine a; dmstats list --allprograms --noheadings -o region_id,program_id; dmsetup message a 0 @stats_list; dmsetup message a 0 "@stats_list mine"; dmstats delete --allregions --allprograms a; dmsetup message a 0 @stats_list
