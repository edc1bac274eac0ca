# Regions in groups.
dmsetup create a --table "0 1024 zero"
dmsetup stats create --nogroup --start 0 --length 8 a; dmsetup stats create --nogroup --start 8 --length 8 a; dmsetup stats group --regions 0,1 --alias both a; dmsetup stats list; dmsetup stats list --group; dmsetup stats ungroup --groupid 0 a; dmsetup stats list
