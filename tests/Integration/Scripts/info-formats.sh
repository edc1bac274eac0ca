# Sorting, separators, prefixes.
dmsetup create b --table "0 8 zero"; dmsetup create a --table "0 8 zero"; dmsetup suspend b
dmsetup info -c --noheadings; dmsetup info -c --separator , -o name,open,attr; dmsetup info -c -O -name -o name
dmsetup info -c --nameprefixes --noheadings -o name,open; dmsetup info -c --nameprefixes --unquoted --noheadings -o name
dmsetup info -c --rows -o name,open; dmsetup info -c --headings full -o name,attr; dmsetup info -c -o +suspended; dmsetup info -c -S 'suspended=1' -o name
dmsetup info -c -o nosuch; echo $?
