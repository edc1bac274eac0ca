# By UUID instead of by name.
dmsetup create a -u U-1 --table "0 8 zero"; dmsetup suspend -u U-1; dmsetup info -c -o name,suspended -u U-1; dmsetup resume -u U-1; dmsetup status -u U-1; dmsetup load -u U-1 --table "0 16 zero"; dmsetup resume -u U-1; dmsetup table -u U-1; dmsetup info -u nosuch; echo $?
