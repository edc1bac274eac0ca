# Programs see the machine's one processor.
nproc
dmsetup create a --table "0 8 zero"
(nproc; dmsetup ls) | cat
