# Bare values.
dmsetup create a -u U --table "0 8 zero"; dmsetup info -c --noheadings --separator ' ' -o name,uuid,major,minor,open,segments,events a; dmsetup info -C -o all --noheadings a 2>/dev/null | tr ':' '\n' | head -8
