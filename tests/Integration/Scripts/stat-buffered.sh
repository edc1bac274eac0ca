# Counters after buffered I/O.
truncate -s 4M a; losetup /dev/loop0 a; dmsetup create l --table "0 4096 linear 7:0 0"; dmsetup create m --table "0 4096 linear 254:0 0"
F='{print $1,$2,$3,$5,$6,$7,$12,$13,$14,$16}'
B=($(awk "$F" /sys/block/loop0/stat))
st() { L=($(awk "$F" /sys/block/loop0/stat)); for i in ${!L[@]}; do L[i]=$((L[i]-B[i])); done; echo loop0 ${L[@]}; for d in dm-0 dm-1; do echo $d $(awk "$F" /sys/block/$d/stat); done; }
dd if=/dev/zero of=/dev/mapper/m bs=64k count=8 status=none; st; dd if=/dev/mapper/m of=/dev/null bs=4k count=8 status=none; st; dd if=/dev/mapper/m of=/dev/null bs=512 count=1 skip=1000 status=none; st; dd if=/dev/zero of=/dev/mapper/l bs=512 count=1 status=none; st; cat /dev/mapper/m >/dev/null; st; dd if=/dev/zero of=/dev/mapper/m bs=4k count=4 conv=fsync status=none; st
