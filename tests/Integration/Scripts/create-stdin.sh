# A table from standard input, with comments and blank lines.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create two <<'END'
# first half
0 512 linear /dev/loop0 0

512 512 linear 7:0 1024
END
dmsetup table two
dmsetup create wrong <<'END'
0 512 linear
END
echo $?
