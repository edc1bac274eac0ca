# With and without flushing.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create a --table "0 8 linear 7:0 0"
dmsetup suspend --noflush a; dmsetup info -c -o suspended --noheadings a; dmsetup resume --noflush a
dmsetup suspend --nolockfs a; dmsetup info -c -o suspended --noheadings a; dmsetup resume --nolockfs a
dmsetup info -c -o events,suspended a
