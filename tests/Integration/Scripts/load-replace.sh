# The last table loaded counts.
dmsetup create a --table "0 8 zero"; dmsetup load a --table "0 16 zero"; dmsetup reload a --table "0 32 error"
dmsetup table --inactive a; dmsetup resume a; dmsetup table a
