# Sizes in other units.
dmsetup create a --table "0 4096 zero"
for u in s b k m g h H K M S B; do dmstats create --nogroup --start 0 --length 2048 --areasize 512$u a 2>&1; dmstats list --units $u --noheadings -o region_start,region_len,area_len --area 2>&1 | head -n 2; done; dmstats list --units 3M; echo $?; dmstats list --nosuffix --units k --noheadings -o region_len | head -n 1; dmstats list --notimesuffix | head -n 2
dmstats create --start 1s --length 1x a; echo $?; dmstats create --nogroup --start 1k --length 2k a; dmstats create --start 4096s --length 1s a; echo $?; dmstats create --areas 0 a; echo $?; dmstats create --areas 5000 --nogroup a; echo $?
