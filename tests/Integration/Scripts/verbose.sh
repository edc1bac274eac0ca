# -v adds to what is said.
dmsetup create a --table "0 8 zero"; dmsetup -v table a; dmsetup -v status a; dmsetup -v info a; dmsetup -v suspend a; dmsetup -v resume a; dmsetup -v remove a
