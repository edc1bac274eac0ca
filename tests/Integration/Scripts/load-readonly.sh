# A read-only table for a device that could be written.
dmsetup create a --table "0 8 zero"; dmsetup load -r a --table "0 8 zero"; dmsetup info a; dmsetup resume a; dmsetup info a
blockdev --getro /dev/mapper/a; dmsetup load a --table "0 8 zero"; dmsetup resume a; blockdev --getro /dev/mapper/a
