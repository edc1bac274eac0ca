# Ways to name a device in a table.
truncate -s 1M disk; losetup /dev/loop0 disk; ln -s /dev/loop0 link; mkdir dir; ln -s ../../dev/loop0 dir/rel
for p in /dev/loop0 7:0 /dev/../dev/loop0 /dev//loop0 /tmp/link link dir/rel /tmp/dir/rel /dev/null /tmp disk /dev/mapper/control ""; do echo "[$p]"; dmsetup create a --table "0 8 linear $p 0"; echo $?; dmsetup table; dmsetup remove a 2>/dev/null; done
