# Timeouts and signals.
sleep 100 & kill $!; wait $!; echo $?; timeout 2 sleep 100; echo $?; sleep 1 & wait; echo $?
dmsetup create a --table "0 8 zero"; timeout 5 dmsetup wait a; echo $?; dmsetup info -c --noheadings -o open a
