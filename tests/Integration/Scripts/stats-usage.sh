# Words that dmstats does not know.
dmsetup create a --table "0 1024 zero"
dmstats; echo $?; dmstats nosuch; echo $?; dmstats create; echo $?; dmstats create nosuch; echo $?; dmstats create a b; echo $?; dmstats list nosuch; echo $?; dmstats report; echo $?; dmstats version; dmstats help 2>&1 | head -n 4; dmsetup stats 2>&1 | head -n 3; dmstats create --areas 2 --areasize 8s a; echo $?; dmstats create --regionid 1 a; echo $?; dmstats list -o nosuch; echo $?; dmstats list -o help 2>&1 | head -n 12
