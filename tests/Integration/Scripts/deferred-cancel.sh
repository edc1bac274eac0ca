# A deferred removal and a table that comes later.
dmsetup create a --table "0 8 zero"; exec 3</dev/mapper/a; dmsetup remove --deferred a; dmsetup suspend a; dmsetup resume a; dmsetup info a; exec 3<&-; dmsetup ls
