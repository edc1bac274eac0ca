# All kinds in one table.
truncate -s 1M d0; losetup /dev/loop0 d0
dmsetup create all <<'END'
0 8 zero
8 8 error
16 8 linear 7:0 0
24 16 striped 2 8 7:0 8 7:0 16
40 8 delay 7:0 64 10
48 8 flakey 7:0 72 1 0
END
dmsetup table all; dmsetup status all; dmsetup deps all; dmsetup table --target zero all; dmsetup status --target striped; dmsetup info -c -o segments --noheadings all
