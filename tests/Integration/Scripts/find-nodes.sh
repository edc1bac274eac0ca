# What find, stat and test say of nodes.
truncate -s 1M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8 linear 7:0 8"
find /dev/mapper /dev/dm-0 /dev/loop0 -type b | sort; find /dev/mapper -type c; find /dev/mapper -type l; find /dev/mapper -newer disk | sort
find /dev -maxdepth 1 -name 'dm-*' -printf '%f %y %m %u %g\n'; find /dev/mapper -printf '%f %y %m %n\n' | sort
for n in /dev/mapper/a /dev/dm-0 /dev/loop0 /dev/mapper/control /dev/mapper; do stat -c '%n %F %a %t:%T %s %b %h' $n; for t in b c f d e s r w x L; do [ -$t $n ] && printf '%s ' $t; done; echo; done
ls -l /dev/dm-0 | cut -d ' ' -f 1-6; file /dev/mapper/a; file -s /dev/mapper/a; readlink -f /dev/mapper/a; realpath /dev/block/254:0 2>&1
