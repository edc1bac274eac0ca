# Selections.
for n in a b c; do dmsetup create $n --table "0 8 zero"; done
dmsetup suspend -S 'name=b'; dmsetup info -c -o name,suspended; dmsetup resume -S 'suspended=1'; dmsetup status -S 'name=~^[ac]$'
dmsetup remove -S 'name!=a'; dmsetup ls; dmsetup remove -S 'name=zzz'; echo $?
