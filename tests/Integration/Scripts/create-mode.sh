# Owner and mode of the node.
dmsetup create a --mode 0640 --uid 12 --gid 34 --table "0 8 zero"
stat -c '%a %u %g %F' /dev/mapper/a
dmsetup create b -M 0600 -U 1 -G 2 --addnodeoncreate --table "0 8 zero"
stat -c '%a %u %g %F' /dev/mapper/b
