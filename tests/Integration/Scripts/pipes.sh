# Devices in pipelines and redirections.
truncate -s 64k a; losetup /dev/loop0 a; dmsetup create l --table "0 128 linear 7:0 0"; seq 100 | tee /dev/mapper/l | tail -1; head -3 </dev/mapper/l; exec 5<>/dev/mapper/l; read -r line <&5; echo "$line"; dmsetup info -c -o open --noheadings l; exec 5>&-; dmsetup info -c -o open --noheadings l; tr -d '\0' </dev/mapper/l | wc -l
