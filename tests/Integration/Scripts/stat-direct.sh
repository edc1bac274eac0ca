# Counters after direct I/O: times left out.
truncate -s 4M a; losetup /dev/loop0 a; dmsetup create l --table "0 4096 linear 7:0 0"; dmsetup create m --table "0 4096 linear 254:0 0"
F='{print $1,$2,$3,$5,$6,$7,$12,$13,$14,$16}'
B=($(awk "$F" /sys/block/loop0/stat))
st() { L=($(awk "$F" /sys/block/loop0/stat)); for i in ${!L[@]}; do L[i]=$((L[i]-B[i])); done; echo loop0 ${L[@]}; for d in dm-0 dm-1; do echo $d $(awk "$F" /sys/block/$d/stat); done; }
st; dd if=/dev/zero of=/dev/mapper/m bs=64k count=8 oflag=direct status=none; st; dd if=/dev/mapper/m of=/dev/null bs=4k count=8 iflag=direct status=none; st; blkdiscard -l 65536 /dev/mapper/l; st; blkdiscard -z /dev/mapper/m; st; dd if=/dev/mapper/m of=/dev/null bs=1M iflag=direct status=none; st; sync /dev/mapper/m; st; awk '$3 ~ /dm-/ {print $1,$2,$3,$4,$5,$6,$8,$9,$10,$12}' /proc/diskstats
