# A table of two hundred lines.
truncate -s 1M d0; losetup /dev/loop0 d0
for i in $(seq 0 199); do echo "$((i*8)) 8 linear 7:0 $(((199-i)*8))"; done >t; dmsetup create m t; dmsetup table m | md5sum; dmsetup info -c -o segments --noheadings m; dmsetup deps m
