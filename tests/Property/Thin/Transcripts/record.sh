#!/bin/bash
# record.sh SCENARIO: runs the commands of a transcript ("> command" lines) as root on a Linux machine that may be
# broken, and prints the transcript with the answers of its kernel. Needs loop and thin-pool modules and dmsetup.
# Commands: see TranscriptPlayer.cs. Mapped devices that exist before, and dmesg, get in the way.
work=/tmp/transcript.$$; mkdir -p $work
major=$(awk '/device-mapper/ {print $1}' /proc/devices)

errno() { # text of strerror(3) -> name
  case "$1" in
    *"Invalid argument"*) echo EINVAL ;; *"No such device or address"*) echo ENXIO ;; *"No such device"*) echo ENODEV ;;
    *"Device or resource busy"*) echo EBUSY ;; *"File exists"*) echo EEXIST ;; *"No data available"*) echo ENODATA ;;
    *"Operation not supported"*) echo EOPNOTSUPP ;; *"Operation not permitted"*) echo EPERM ;; *"No space left"*) echo ENOSPC ;;
    *"Input/output error"*) echo EIO ;; *"Invalid or incomplete"*) echo EILSEQ ;; *"Block device required"*) echo ENOTBLK ;;
    *"Cannot allocate memory"*) echo ENOMEM ;; *) echo "$1" ;;
  esac
}
path() { case $1 in loop*) echo "/dev/$1" ;; *) echo "/dev/dm-$(dmsetup info -c --noheadings -o minor "$1")" ;; esac; }
# Only what fails says something.
try() { local out; out=$("$@" 2>&1 >/dev/null) || errno "$(tail -1 <<<"$out")"; }
dm() { local out; out=$(dmsetup --noudevsync --noudevrules "$@" 2>&1) || { errno "$(grep -m1 failed: <<<"$out" || echo "$out")"; return 1; }
  [ -z "$out" ] || echo "$out"; }
fill() { local f=$work/fill.$RANDOM; head -c $(($1 * 512)) /dev/zero | tr '\0' "\\$(printf %o $((16#$2)))" > $f; echo $f; }

perform() {
  local verb=$1; shift
  case $verb in
    loop) truncate -s $(($2 * 512)) $work/file.$1; losetup /dev/loop$1 $work/file.$1 ;;
    grow) truncate -s $(($2 * 512)) $work/file.$1; losetup -c /dev/loop$1 ;;
    create) local n=$1; shift; dm create --notable $n && { dm load $n --table "$*" && dm resume $n || dm remove $n; } ;;
    make) dm create --notable $1 ;;
    load) local n=$1; shift; dm load $n --table "$*" ;;
    clear|resume|remove|suspend) dm $verb $1 ;;
    suspend-noflush) dm suspend --noflush $1 ;;
    message) local n=$1; shift; dm message $n 0 "$*" ;;
    status|table) dm $verb $1 ;;
    status-noflush) dm status --noflush $1 ;;
    event) dmsetup info -c --noheadings -o events $1 ;;
    write) f=$(fill $3 $4); try dd if=$f of=$(path $1) oflag=direct,seek_bytes conv=notrunc,nocreat bs=$(($3 * 512)) seek=$(($2 * 512)) count=1 status=none ;;
    read) out=$(dd if=$(path $1) of=$work/read iflag=direct,skip_bytes bs=$(($3 * 512)) skip=$(($2 * 512)) count=1 status=none 2>&1) || { errno "$out"; return; }
      od -An -v -tx1 -w512 $work/read | awk '($1 "") != b {if (n) printf "%s*%d ", b, n; b = $1 ""; n = 0} {n++} END {printf "%s*%d\n", b, n}' ;;
    discard) try blkdiscard -o $(($2 * 512)) -l $(($3 * 512)) $(path $1) ;;
    flush) try dd if=/dev/null of=$(path $1) conv=notrunc,nocreat,fsync status=none ;;
    limits) local q=/sys/block/$(basename $(path $1))/queue
      echo "$(cat $q/minimum_io_size) $(cat $q/optimal_io_size) $(cat $q/max_sectors_kb) $(cat $q/discard_granularity) $(cat $q/discard_max_bytes)" ;;
    sleep) sleep $1 ;;
    start) local k=$1; shift; ( perform "$@" > $work/job.$k 2>&1; touch $work/done.$k ) & sleep 0.2 ;;
    look) sleep 0.02; if [ -e $work/done.$1 ]; then echo done; cat $work/job.$1; else echo pending; fi ;;
    dump) cat $work/file.$1 > $work/copy; losetup /dev/loop7 $work/copy; thin_dump /dev/loop7; losetup -d /dev/loop7; dmesg -c > /dev/null ;;
    tear) printf "\\x$3" | dd of=$work/file.$1 bs=1 seek=$2 conv=notrunc status=none ;;
  esac
}

dmesg -c > /dev/null
while IFS= read -r line; do
  case $line in
    ">"*) echo "$line"
      perform ${line#> }
      sleep 0.01
      dmesg -c | sed 's/^\[[^]]*\] /  /' | sed "s/\b$major:/254:/g" ;;
    "#"*) echo "$line" ;;
  esac
done < "$1" 2>&1 | sed "s/\b$major:/254:/g"
