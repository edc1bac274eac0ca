# Statistics: regions made, listed, printed and deleted.
dmsetup create a --table "0 1024 zero"
dmsetup message a 0 "@stats_create - /1"; dmsetup message a 0 "@stats_list"; dmsetup message a 0 "@stats_create 0+512 64 prog aux"; dmsetup message a 0 "@stats_list"; dmsetup message a 0 "@stats_list prog"
dmsetup message a 0 "@stats_print 0"; dmsetup message a 0 "@stats_delete 0"; dmsetup message a 0 "@stats_list"; dmsetup message a 0 "@stats_delete 7"; echo $?
