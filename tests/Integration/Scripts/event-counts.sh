# Which commands count as events.
dmsetup create a --table "0 8 zero"; e() { dmsetup info -c --noheadings -o events a; }
e; dmsetup suspend a; e; dmsetup resume a; e; dmsetup load a --table "0 8 error"; e; dmsetup resume a; e; dmsetup rename a b; dmsetup rename b a; e; dmsetup wipe_table a; e
