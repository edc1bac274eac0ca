# Waiting for events.
dmsetup create a --table "0 8 zero"
(dmsetup wait a; echo "woken $?") & sleep 1; dmsetup rename a b; wait; dmsetup info -c --noheadings -o events b
dmsetup wait b 0; echo $?
(dmsetup wait b 1; echo "woken $?") & sleep 1; dmsetup remove b; wait
