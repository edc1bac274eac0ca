# The kernel's own messages, with all their words.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"
m() { echo "[$*]"; dmsetup message a 0 "$@"; echo $?; }
m @stats_create - /1; m @stats_create - 100; m @stats_create 0+100 10 prog aux; m @stats_create - /2 1 precise_timestamps; m @stats_create - /1 2 precise_timestamps histogram:100,200 prog; m @stats_create - /1 1 histogram:5,5; m @stats_create - /1 1 nosuch; m @stats_create - /1 3 precise_timestamps; m @stats_list; m @stats_list prog
m @stats_set_aux 0 new; m @stats_set_aux 9 x; m @stats_set_aux 0 -; m @stats_list; m @stats_print 2; m @stats_print 2 1 5; m @stats_print 2 x; m @stats_print_clear 2; m @stats_clear 2; m @stats_delete 2; m @stats_delete 2; m @stats_delete x; m @stats_print; m @stats_create - /8193; m @stats_create 8192+1 /1; m @stats_create 0+0 /1; dmesg -t
