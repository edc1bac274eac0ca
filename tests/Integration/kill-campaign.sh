#!/usr/bin/env bash
# Kills the virtual machine of a campaign at random moments, also while it starts, and looks whether a result is lost: what a disturbed campaign
# says of its cases has to be what an undisturbed one says. For a person to start: about ten minutes.
#
#   kill-campaign.sh [DMSIM] [KILLS] [SEED]
#
# DMSIM is the command, if not scripts/dmsim; 100 kills if nothing is said. Only QEMU processes that the campaign has started are killed. The status is
# 0 when nothing was lost.
set -uo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)"
dmsim=${1:-$root/scripts/dmsim} kills=${2:-100} RANDOM=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Short cases: a kill costs the one that runs.
cases=100
campaign() { # RESULT
    exec "$dmsim" conform --area zero --cases "$cases" --ops 12 --all --no-shrink --jobs 1 --out "$work/findings" --result "$1"
}

# What a result says of its cases, without what a kill may change: times, how often a VM was lost, which guest a case ran in.
said() {
    "$dmsim" merge "$1" --json --out "$work/findings" 2>/dev/null | grep -vE '"(elapsed|firstStepAfter|tidiedCases|losses)":'
}

vm_of() { # the QEMU that a process has started; nothing when it has none
    local child
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        { tr '\0' ' ' <"/proc/$child/cmdline"; } 2>/dev/null | grep -q qemu-system && echo "$child" && return
    done
}

# Kills the VM of a process so many tenths of a second after it is there: one that was not killed before.
last=
kill_after() {
    local vm
    while vm=$(vm_of "$1"); [ -z "$vm" ] || [ "$vm" = "$last" ]; do
        kill -0 "$1" 2>/dev/null || return
        sleep 0.02
    done
    sleep "$(($2 / 10)).$(($2 % 10))"
    [ "$(vm_of "$1")" = "$vm" ] && kill -KILL "$vm" 2>/dev/null && killed=$((killed + 1)) last=$vm
}

(campaign "$work/quiet.json") >"$work/quiet.txt" 2>&1 || { echo "FAILED: the campaign does not pass undisturbed"; tail -n 5 "$work/quiet.txt"; exit 1; }
killed=0 rounds=0 lost=0
while [ "$killed" -lt "$kills" ]; do
    rounds=$((rounds + 1))
    (campaign "$work/disturbed.json") >"$work/disturbed.txt" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && [ "$killed" -lt "$kills" ]; do
        # One to four seconds into its life, so that some cases are done between two kills: a guest that is gone four times over the same case is
        # taken for one that the case brings down. Every third time the one that starts in its place is killed as well.
        kill_after "$pid" $((10 + RANDOM % 30))
        [ $((RANDOM % 3)) = 0 ] && kill_after "$pid" $((RANDOM % 6))
    done
    wait "$pid"
    status=$?
    diff <(said "$work/quiet.json") <(said "$work/disturbed.json") >"$work/diff"
    if [ "$status" != 0 ] || [ -s "$work/diff" ]; then
        lost=$((lost + 1))
        echo "FAILED: round $rounds ended with status $status and lost something"
        tail -n 4 "$work/disturbed.txt"
        head -n 20 "$work/diff"
    fi
    rm -f "$work/disturbed.json"
done
echo "$killed kills in $rounds campaigns of $cases cases: $([ "$lost" = 0 ] && echo "nothing lost" || echo "$lost campaigns lost something")"
[ "$lost" = 0 ]
