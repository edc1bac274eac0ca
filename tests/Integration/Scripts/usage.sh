# The help, and wrong words.
dmsetup help 2>&1 | head -12; dmsetup --nosuch; echo $?; dmsetup -h 2>/dev/null | wc -l; dmsetup ls --tree --columns; echo $?
