# Sorting.
i=5; for n in c a b; do dmsetup create $n -m $i --table "0 $((i * 8)) zero"; i=$((i - 1)); done
for s in name -name minor -minor open,name -open,-name segments,minor nosuch "" +name name,nosuch; do echo "[$s]"; dmsetup info -c --noheadings -o name,minor --sort="$s"; echo $?; done; dmsetup info -c -o name --sort minor,-name --rows; dmsetup status --sort name; echo $?; dmsetup info -c -o name --sort uuid --unbuffered; dmsetup splitname --sort vg_name a-b c-d; echo $?
