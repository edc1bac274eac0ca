# Help of every command.
dmsetup help; dmsetup help -c 2>&1 | head -70; dmsetup --help 2>&1 | head -3; dmsetup -h create 2>&1 | head -3; dmstats help 2>&1 | head -40; dmsetup stats help 2>&1 | head -5; losetup --help | head -12; blockdev --help | head -30; blkdiscard --help | head -8; dmsetup version; dmsetup -V 2>&1 | head -2; dmsetup --version
