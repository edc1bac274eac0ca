# One linear device: what every command says of it.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create lin --table "0 1024 linear /dev/loop0 8"
dmsetup ls; dmsetup info; dmsetup table; dmsetup status; dmsetup deps
dmsetup remove lin; dmsetup ls
