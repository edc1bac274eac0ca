# A device in use, and what --deferred makes of it.
dmsetup create a --table "0 8 zero"
exec 3</dev/mapper/a
dmsetup remove a; echo $?
dmsetup remove --deferred a; echo $?; dmsetup info a
exec 3<&-
dmsetup info a; echo $?
