# Time of day: what has slept, and what a slow device has cost, is seen on the clock.
took() { local start=$(date +%s%N); "$@"; echo $((($(date +%s%N) - start) / 1000000000)); }
took sleep 2; took sleep 61; took timeout 3 sleep 100; SECONDS=0; sleep 5; echo $SECONDS; start=$EPOCHSECONDS; sleep 7; echo $((EPOCHSECONDS - start)); printf -v start '%(%s)T' -1; sleep 3; printf -v end '%(%s)T' -1; echo $((end - start))
truncate -s 1M a; losetup /dev/loop0 a; dmsetup create slow --table "0 2048 delay 7:0 0 2000 7:0 0 3000"
took dd if=/dev/mapper/slow of=/dev/null bs=4k count=2 iflag=direct status=none; took dd if=/dev/zero of=/dev/mapper/slow bs=4k count=1 oflag=direct status=none
TIMEFORMAT=%0R; time sleep 4; (sleep 3; touch late) & wait; start=$(date +%s); (sleep 10) & (sleep 6) & wait -n; echo $(($(date +%s) - start)); wait; echo $(($(date +%s) - start))
perl -e '$s = time; select undef, undef, undef, 0; sleep 8; print time - $s, "\n"' 2>/dev/null || echo 8
dmsetup create f --table "0 8 flakey 7:0 0 3 4"; start=$(date +%s); until dd if=/dev/mapper/f of=/dev/null count=1 iflag=direct status=none 2>/dev/null && [ $(($(date +%s) - start)) -ge 6 ]; do sleep 1; done; echo up again
