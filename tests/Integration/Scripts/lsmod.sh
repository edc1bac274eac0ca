# Modules: what they take, who needs them, and what they are needed for.
list() { lsmod | awk '$1 ~ /^(dm_|loop$|libcrc32c|Module)/'; }
list; cat /sys/module/dm_mod/coresize /sys/module/loop/refcnt; truncate -s 1M a; losetup /dev/loop0 a; dmsetup create z --table '0 8 zero'; dmsetup load z --table '0 8 zero'
dmsetup create l --table '0 8 linear 7:0 0'; dmsetup create d --table "0 8 delay 7:0 0 0
8 8 delay 7:0 8 0"; exec 3</dev/mapper/l 5</dev/loop0; list; cat /sys/module/dm_zero/refcnt /sys/module/dm_mod/refcnt; rmmod dm_zero; rmmod nosuch; modprobe dm_thin_pool; echo $?; modprobe dm-snapshot; modprobe loop; modprobe nosuch 2>&1 | sed 's/directory.*//'; exec 3<&- 5<&-
dmsetup remove_all; losetup -d /dev/loop0; list; grep -c . /proc/modules >/dev/null && head -c 11 /proc/modules; echo; ls /sys/module/dm_mod/holders | sort
