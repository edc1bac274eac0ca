# Regions are deleted one by one and all at once.
dmsetup create a --table "0 1024 zero"; dmsetup create b --table "0 1024 zero"
dmstats create --nogroup --start 0 --length 8 a; dmstats create --nogroup --start 8 --length 8 a; dmstats create --nogroup b; dmstats list
dmstats delete a; echo $?; dmstats delete --regionid 0 a; echo $?; dmstats delete --regionid 0 a; echo $?; dmstats list --noheadings -o region_id a; dmstats delete --alldevices --allregions; echo $?; dmstats list; echo $?; dmstats delete --allregions a; echo $?; dmstats delete --regionid x a; echo $?; dmstats delete nosuch --allregions; echo $?
