#!/usr/bin/env bash
# Treats "dmsim sh" badly and looks what stays behind. For a person to start: a few minutes, as any user.
#
#   host-campaign.sh DMSIM [LOOPS] [PARALLEL] [KILLS] [SUPERVISORS]
#
# DMSIM is the command, as scripts/dmsim. Without numbers: 300 create/use/remove loops in one shell, 200 in each of eight at once on one
# machine each, 100 random kills of client programs, 20 of the supervisor. The status is 0 when nothing was busy that should not be, and no
# mount, process or file is left.
set -uo pipefail
dmsim=$(readlink -f "$1") loops=${2:-300} parallel=${3:-200} kills=${4:-100} supervisors=${5:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
fail() { echo "FAILED: $*"; bad=1; }

# What of us is to be seen on the host: processes that carry the mark, mounts, and files in the temp folder.
traces() {
    local process
    for process in /proc/[0-9]*; do
        tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qx "DMSIM_CAMPAIGN=$$" && [ "${process#/proc/}" != "$BASHPID" ] &&
            [ "$(readlink "$process/exe" 2>/dev/null)" != "" ] && echo "process ${process#/proc/} $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)"
    done
    grep dmsim /proc/self/mounts
    ls -A "$TMPDIR" | grep -v -x files
}
export TMPDIR="$work/tmp"
mkdir -p "$TMPDIR/files"
cd "$TMPDIR/files" || exit 1
settled() { # waits until nothing is left, for at most five seconds
    local i left
    for i in {1..50}; do
        left=$(traces)
        [ -n "$left" ] || return 0
        sleep 0.1
    done
    fail "$1: left behind: $left"
}
run() { DMSIM_CAMPAIGN=$$ "$dmsim" sh "$@"; }

cat >loops.sh <<'SCRIPT'
n=$1 name=$2 failed=0
truncate -s 1M disk-$name
device=$(losetup -f --show disk-$name) || exit 1
for ((i = 0; i < n; i++)); do
    { dmsetup create $name --table "0 1024 linear $device 0" &&
        dd if=/dev/zero of=/dev/mapper/$name bs=4k count=4 status=none && dd if=/dev/mapper/$name of=/dev/null bs=4k count=4 status=none &&
        dmsetup remove $name; } 2>errors-$name || { failed=$((failed + 1)); cat errors-$name; dmsetup remove $name 2>/dev/null; }
done
losetup -d $device
[ $failed = 0 ]
SCRIPT
cat >parallel.sh <<'SCRIPT'
for shell in 1 2 3 4 5 6 7 8; do bash loops.sh $1 p$shell & jobs[shell]=$!; done
status=0
for shell in 1 2 3 4 5 6 7 8; do wait ${jobs[shell]} || status=1; done
exit $status
SCRIPT
run loops.sh "$loops" one || fail "$loops loops in one shell"
echo "$loops loops in one shell: done"
run parallel.sh "$parallel" || fail "$parallel loops in each of eight shells"
echo "$parallel loops in each of eight shells: done"
settled loops

# Clients die at any moment; the machine has to go on, and to hold nothing of theirs.
cat >kills.sh <<'SCRIPT'
truncate -s 4M disk; losetup /dev/loop0 disk
dmsetup create lin --table "0 8192 linear /dev/loop0 0"
RANDOM=1
for ((i = 0; i < $1; i++)); do
    case $((RANDOM % 6)) in
        0) dd if=/dev/zero of=/dev/mapper/lin bs=4k status=none & ;;
        1) dd if=/dev/mapper/lin of=/dev/null bs=512 status=none & ;;
        2) while :; do dmsetup info lin; done >/dev/null & ;;
        3) dmsetup wait lin & ;;
        4) while :; do stat /dev/mapper/lin; losetup -a; done >/dev/null & ;;
        5) dmsetup suspend lin; dd if=/dev/mapper/lin of=/dev/null count=1 status=none & ;;
    esac
    victim=$!
    sleep 0.0$((RANDOM % 10))
    kill -9 $victim; wait $victim
    dmsetup resume lin
done 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do
    # What a killed loop had started ends by itself.
    [ "$(dmsetup info -c --noheadings -o open lin)" = 0 ] && break
    sleep 0.2
done
dmsetup remove lin && losetup -d /dev/loop0
SCRIPT
run --wall-clock kills.sh "$kills" || fail "$kills kills of clients"
echo "$kills kills of client programs: done"
settled "kills of clients"

cat >work.sh <<'SCRIPT'
truncate -s 4M disk; losetup /dev/loop0 disk
dmsetup create lin --table "0 8192 linear /dev/loop0 0"
setsid sleep 1000 &
while :; do dd if=/dev/zero of=/dev/mapper/lin bs=64k count=64 status=none; dmsetup suspend lin; dmsetup resume lin; losetup -a >/dev/null; done
SCRIPT
RANDOM=2
for ((i = 0; i < supervisors; i++)); do
    DMSIM_CAMPAIGN=$$ setsid "$dmsim" sh --wall-clock work.sh 2>/dev/null &
    victim=$!
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
    [ $((i % 2)) = 0 ] || sleep 1
    { kill -9 $victim; wait $victim; } 2>/dev/null
    settled "kill $i of the supervisor"
done
echo "$supervisors kills of the supervisor: done"
exit $bad
