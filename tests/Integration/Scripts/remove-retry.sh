# Retrying until whoever uses it has gone.
dmsetup create a --table "0 8 zero"
(exec 3</dev/mapper/a; sleep 2) & sleep 1
dmsetup remove --retry a; echo $?; dmsetup ls; wait
