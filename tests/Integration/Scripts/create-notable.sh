# A device without a table, then with one.
dmsetup create d --notable; dmsetup info d; dmsetup table d; dmsetup status d
dmsetup load d --table "0 8 zero"; dmsetup info d; dmsetup table d; dmsetup table --inactive d
dmsetup resume d; dmsetup info d; dmsetup table d
