# What goes to standard error.
dmsetup create a --table "0 8 nosuch" 2>err; cat err; dmsetup info nosuch >out 2>&1; cat out; dmsetup nosuch 2>&1 | head -2; dmsetup create 2>&1 | tail -2; (dmsetup remove zz || echo failed) 2>&1; set -e; trap 'echo trapped $?' EXIT; dmsetup create b --table "0 8 zero"; dmsetup create b --table "0 8 zero"; echo not reached
