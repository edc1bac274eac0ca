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

# The campaign of a round: short cases, as a kill costs the case that runs.
campaign() { # ROUND RESULT
    exec "$dmsim" conform --area zero --cases 40 --ops 12 --seed "$1" --all --no-shrink --jobs 1 --out "$work/findings" --result "$2"
}

# What a result says of its cases, without what a kill may change: times, how often a VM was lost, which guest a case ran in.
said() {
    "$dmsim" merge "$1" --json --out "$work/findings" 2>/dev/null | grep -vE '"(elapsed|firstStepAfter|tidiedCases|losses)":'
}

vm_of() { # the QEMU that a process has started; nothing when it has none
    local child
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null | grep -q qemu-system && echo "$child" && return
    done
}

killed=0 cases=0 lost=0 round=0
while [ "$killed" -lt "$kills" ]; do
    round=$((round + 1))
    (campaign "$round" "$work/quiet.json") >"$work/quiet.txt" 2>&1 || { echo "FAILED: round $round does not pass undisturbed"; tail -n 5 "$work/quiet.txt"; exit 1; }
    (campaign "$round" "$work/disturbed.json") >"$work/disturbed.txt" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && [ "$killed" -lt "$kills" ]; do
        # Between a tenth of a second and two: a start takes one, a case less.
        sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
        vm=$(vm_of "$pid")
        [ -n "$vm" ] && kill -KILL "$vm" 2>/dev/null && killed=$((killed + 1))
    done
    wait "$pid"
    status=$?
    if [ "$status" != 0 ] || ! diff <(said "$work/quiet.json") <(said "$work/disturbed.json") >"$work/diff"; then
        lost=$((lost + 1))
        echo "FAILED: round $round ended with status $status and lost something"
        tail -n 4 "$work/disturbed.txt"
        head -n 20 "$work/diff"
    fi
    cases=$((cases + 40))
    rm -f "$work"/*.json
done
echo "$killed kills in $cases cases: $([ "$lost" = 0 ] && echo "nothing lost" || echo "$lost rounds lost something")"
[ "$lost" = 0 ]
