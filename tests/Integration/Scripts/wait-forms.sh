# Waiting for events in every way.
dmsetup create a --table "0 8 zero"; for w in 5 x -1 "0 0" ""; do timeout 2 dmsetup wait a $w; echo $?; done; timeout 2 dmsetup wait; echo $?; timeout 2 dmsetup wait nosuch; echo $?
for act in "dmsetup load a --table '0 16 zero'" "dmsetup resume a" "dmsetup suspend a" "dmsetup rename a b" "dmsetup clear b" "dmsetup resume b" "dmsetup wipe_table b" "dmsetup remove b"; do n=a; dmsetup info b >/dev/null 2>&1 && n=b; (timeout 5 dmsetup wait $n; echo "woken $?") & sleep 1; echo "[$act]"; eval "$act"; wait; done
