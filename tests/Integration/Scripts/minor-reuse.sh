# Minors are given out from the lowest free one.
for n in a b c; do dmsetup create $n --table "0 8 zero"; done; dmsetup remove b; dmsetup create d --table "0 8 zero"; dmsetup create e --table "0 8 zero"; dmsetup ls; dmsetup create f -m 7 --table "0 8 zero"; dmsetup create g --table "0 8 zero"; dmsetup info -c -o name,minor
