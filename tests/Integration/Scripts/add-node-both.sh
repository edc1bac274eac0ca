# Options that exclude each other.
dmsetup create a --addnodeonresume --addnodeoncreate --table "0 8 zero"; echo $?
dmsetup create a --notable --table "0 8 zero"; echo $?
dmsetup info --headings none --noheadings 2>&1; echo $?
dmsetup create; echo $?; dmsetup remove; echo $?; dmsetup nosuch; echo $?
