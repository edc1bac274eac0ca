# More than there were at the start.
for i in 0 1 2 3 4 5 6 7 8 9; do truncate -s 1M f$i; losetup -f --show f$i; done; losetup -l -n -O NAME | wc -l; losetup -D; losetup -a | wc -l
