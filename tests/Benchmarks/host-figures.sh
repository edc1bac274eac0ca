#!/usr/bin/env bash
# The figures of "dmsim sh": how soon it is ready, what its commands cost, how fast data flows. scripts/bench host runs it.
#
#   host-figures.sh DMSIM     DMSIM is the command to measure, as scripts/dmsim
#
# One line a figure: what, measured, aim. The status is 1 when one is missed. Of several runs the best counts: others use the machine, too.
set -euo pipefail
dmsim=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

now() { echo "${EPOCHREALTIME/./}"; }
# figure NAME MEASURED UNIT AIM: an aim is "<=N" or ">=N"
figure() {
    local ok=0
    case $4 in
        "<="*) [ "$2" -le "${4#<=}" ] || ok=1 ;;
        ">="*) [ "$2" -ge "${4#>=}" ] || ok=1 ;;
    esac
    printf '%-60s %8s %-5s (aim %s)%s\n' "$1" "$2" "$3" "$4" "$([ $ok = 0 ] || echo '  missed')"
    [ $ok = 0 ] || missed=1
}
best() { sort -n "$work/$1" | head -1; }

for _ in 1 2 3 4 5 6 7 8 9 10; do
    begin=$(now)
    ready=$("$dmsim" sh /dev/fd/3 3<<<'echo "${EPOCHREALTIME/./}"')
    echo $(((ready - begin) / 1000)) >>"$work/ready"
done
figure "from 'dmsim sh SCRIPT' to its first command" "$(best ready)" ms "<=300"

for _ in 1 2 3 4 5; do
    begin=$(now)
    for _ in {1..100}; do dmsetup help >/dev/null 2>&1; done
    echo $(($(now) - begin)) >>"$work/plain"
done

# Files with blocks of their own: holes would be read faster than data.
dd if=/dev/zero of="$work/data" bs=1M count=512 status=none
dd if=/dev/zero of="$work/meta" bs=1M count=16 status=none
cat >"$work/script" <<'SCRIPT'
cd "$1"
now() { echo "${EPOCHREALTIME/./}"; }
for _ in 1 2 3 4 5; do
    begin=$(now)
    for i in {1..20}; do
        dmsetup create d$i --table "0 10 zero"; dmsetup info d$i; dmsetup table d$i; dmsetup status d$i; dmsetup remove d$i
    done >/dev/null
    echo $(($(now) - begin)) >>commands
done
flow() { # NAME MB COMMAND…: bytes per microsecond are MB/s
    local name=$1 megabytes=$2 begin; shift 2
    for _ in 1 2 3 4 5; do
        begin=$(now)
        "$@" bs=64k status=none
        echo $((megabytes * 1048576 / ($(now) - begin))) >>"$name"
    done
}
losetup /dev/loop0 meta; losetup /dev/loop1 data
dmsetup create lin --table "0 1048576 linear /dev/loop1 0"
flow linear-read 512 dd if=/dev/mapper/lin of=/dev/null count=8192
flow linear-write 512 dd if=/dev/zero of=/dev/mapper/lin count=8192
dmsetup remove lin
dmsetup create pool --table "0 1048576 thin-pool /dev/loop0 /dev/loop1 128 0"
dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 1048576 thin /dev/mapper/pool 0"
flow thin-write 480 dd if=/dev/zero of=/dev/mapper/thin count=7680
flow thin-read 480 dd if=/dev/mapper/thin of=/dev/null count=7680
SCRIPT
"$dmsim" sh --wall-clock "$work/script" "$work"
plain=$(best plain) commands=$(best commands)
figure "100 dmsetup commands ($((commands / 1000)) ms), of 100 'dmsetup help' ($((plain / 1000)) ms) outside" $((commands * 100 / plain)) % "<=300"
fastest() { sort -rn "$work/$1" | head -1; }
figure "dd bs=64k from a linear device" "$(fastest linear-read)" MB/s ">=2000"
figure "dd bs=64k to a linear device" "$(fastest linear-write)" MB/s ">=2000"
figure "dd bs=64k from a thin volume" "$(fastest thin-read)" MB/s ">=1000"
figure "dd bs=64k to a thin volume" "$(fastest thin-write)" MB/s ">=1000"
exit $missed
