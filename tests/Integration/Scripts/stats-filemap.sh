# filemap needs a file on the device: none here is. The daemon that follows a file says late that it is not there.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"; echo x >file
dmstats create --filemap file; echo $?; dmstats create --filemap /dev/mapper/a; echo $?; dmstats create --filemap nosuch; echo $?; dmstats update_filemap file --groupid 0; echo $?; sleep 1; dmstats create --filemap file --segments; echo $?; dmstats update_filemap file; echo $?
