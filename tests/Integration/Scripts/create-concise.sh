# Several devices at once in the concise format, and back.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create --concise "a,,,rw,0 8 zero;b,uuid-b,5,ro,0 8 linear 7:0 0,8 8 error"
dmsetup ls; dmsetup info -c; dmsetup table --concise; dmsetup table --concise b
dmsetup create --concise "a,,,rw,0 8 zero"; echo $?
dmsetup create --concise "x,,rw,0 8 zero"; echo $?
