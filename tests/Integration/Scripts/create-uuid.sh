# A UUID at creation, and what may not be done twice.
dmsetup create a -u one --table "0 8 zero"; dmsetup info a
dmsetup create b -u one --table "0 8 zero"; echo $?
dmsetup create a -u two --table "0 8 zero"; echo $?
dmsetup info -c; dmsetup info -u one; dmsetup table -u one; dmsetup remove -u one; dmsetup ls
