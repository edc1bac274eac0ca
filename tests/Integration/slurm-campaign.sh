#!/usr/bin/env bash
# Tries scripts/campaign.slurm on a SLURM of its own: one node, this machine, with all its files, sockets and keys in a temp folder. A SLURM that
# the machine has is neither looked at nor touched.
#
#   slurm-campaign.sh [DMSIM]
#
# DMSIM is the command, if not scripts/dmsim. The status is 0 when what the campaign has merged is what one run of the whole says, 77 where
# SLURM is not installed (Debian: apt install slurm-wlm munge). For a person to start: a quarter of a minute.
set -uo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)"
export DMSIM=${1:-$root/scripts/dmsim} PATH="$PATH:/usr/sbin"

for program in munged slurmctld slurmd sbatch scontrol; do
    command -v "$program" >/dev/null || { echo "SLURM is not installed: there is no $program (Debian: apt install slurm-wlm munge)"; exit 77; }
done

work=$(mktemp -d)
end() {
    local file
    for file in "$work"/slurmd.pid "$work"/slurmctld.pid "$work"/munge/pid; do
        [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    sleep 1
    rm -rf "$work"
}
trap end EXIT
fail() { echo "FAILED: $*"; tail -n 5 "$work"/*.log "$work"/run/*.out "$work"/run/*.log 2>/dev/null; exit 1; }

start_slurm() {
    local node port=$((20000 + RANDOM % 20000))
    node=$(hostname -s)
    mkdir -p "$work/state" "$work/spool" "$work/run"
    mkdir -m 700 "$work/munge"
    (umask 077 && head -c 128 /dev/urandom >"$work/munge/key")
    munged --force --key-file="$work/munge/key" --socket="$work/munge.socket" --pid-file="$work/munge/pid" \
        --log-file="$work/munge.log" --seed-file="$work/munge/seed" || fail "munged"
    cat >"$work/slurm.conf" <<X
ClusterName=dmsim-test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthInfo=socket=$work/munge.socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1024 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
X
    export SLURM_CONF="$work/slurm.conf"
    slurmctld </dev/null >/dev/null 2>&1 || fail "slurmctld"
    slurmd -N "$node" </dev/null >/dev/null 2>&1 || fail "slurmd"
    local i
    for i in $(seq 100); do
        sinfo -h -o %T 2>/dev/null | grep -qx idle && return
        sleep 0.1
    done
    fail "the node does not come up"
}

# Waits until a job is over; prints how it ended.
state_of() {
    local i state
    for i in $(seq 1200); do
        state=$(scontrol show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | sort -u | tr '\n' ' ')
        case "$state" in *RUNNING* | *PENDING* | *COMPLETING* | "") sleep 0.1 ;; *) echo "${state% }"; return ;; esac
    done
    echo "no end"
}

campaign=(fuzz --on model --loads-only --count 9 --seed 5 --time 5m)
start_slurm
jobs=$("$root/scripts/campaign.slurm" --mem=100M 3 "$work/run" "${campaign[@]}") || fail "campaign.slurm"
shards=$(awk '$1 == "shards" { print $2 }' <<<"$jobs") merge=$(awk '$1 == "merge" { print $2 }' <<<"$jobs")
ended=$(state_of "$merge")
[ "$ended" = "JobState=COMPLETED" ] || fail "the merge ended with $ended"
[ "$(state_of "$shards")" = "JobState=COMPLETED" ] || fail "the shards ended with $(state_of "$shards")"
echo "3 shards, merged by a job that waited for them"

"$DMSIM" "${campaign[@]}" >"$work/whole.txt" 2>&1 || fail "the whole"
merged=$(sed 's/ in .*//;q' "$work/run/merged/report.txt") whole=$(sed 's/ in .*//;q' "$work/whole.txt")
[ -n "$merged" ] && [ "$merged" = "$whole" ] || fail "merged: $merged; whole: $whole"
echo "they did what one run does"

# A shard that is lost is named; the others are not run again.
rm -r "$work/run/shard-2.json" "$work/run/merged"
before=$(stat -c %Y.%i "$work/run/shard-1.json")
told=$("$DMSIM" merge "$work/run" 2>&1)
[ $? = 4 ] && [[ "$told" == *"There is no result of shard 2 of 3"* ]] || fail "a lost shard is not named: $told"
jobs=$("$root/scripts/campaign.slurm" --mem=100M 3 "$work/run" "${campaign[@]}") || fail "campaign.slurm again"
[ "$(state_of "$(awk '$1 == "merge" { print $2 }' <<<"$jobs")")" = "JobState=COMPLETED" ] || fail "the second merge"
[ "$(stat -c %Y.%i "$work/run/shard-1.json")" = "$before" ] || fail "shard 1 was run again"
[ "$(sed 's/ in .*//;q' "$work/run/merged/report.txt")" = "$whole" ] || fail "the second merge says something else"
echo "a shard that was lost is run again, and no other"
