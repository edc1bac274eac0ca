#!/bin/bash
# record.sh SCENARIO…: runs the commands of transcripts ("> command" lines) as root on a Linux machine that may be
# broken, and prints each transcript with the answers of its kernel, after a line "=== NAME". Needs loop and thin-pool
# modules, dmsetup and the thin tools. Commands: see TranscriptPlayer.cs. Mapped devices, loop devices and a kernel log
# from before get in the way. With "-" the scenarios come on standard input, each after its own line "=== NAME".
# Programs write to files that bash reads itself: here a fork costs as much as the command.
work=/tmp/transcript.$$; mkdir -p $work
mkfifo $work/.never; exec 8<>$work/.never
modprobe -a thin-pool flakey striped 2>/dev/null
echo on > /proc/sys/kernel/printk_devkmsg # else the kernel drops our marks in its log
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
path() { case $1 in loop*) path=/dev/$1 ;; *) path=/dev/mapper/$1 ;; esac; }
number() { case $1 in loop*) echo "$1" ;; *) echo "dm-$(dmsetup info -c --noheadings -o minor "$1")" ;; esac; }
pause() { read -t $1 -u 8; }
# Only what fails says something.
try() { local said=$work/said.$BASHPID out; "$@" >/dev/null 2>$said && return; mapfile -t out < $said; errno "${out[-1]}"; }
dm() {
  local said=$work/said.$BASHPID out line; dmsetup --noudevsync --noudevrules "$@" > $said 2>&1; local status=$?
  mapfile -t out < $said
  if [ $status = 0 ]; then for line in "${out[@]}"; do echo "$line"; done; return; fi
  for line in "${out[@]}"; do case $line in *failed:*) break ;; esac; done
  errno "$line"; return 1
}
fill() { filled=$work/fill.$1.$2; [ -e $filled ] || head -c $(($1 * 512)) /dev/zero | tr '\0' "\\$(printf %o $((16#$2)))" > $filled; }

perform() {
  local verb=$1 path filled; shift
  case $verb in
    loop) truncate -s $(($2 * 512)) $work/file.$1; losetup /dev/loop$1 $work/file.$1 ;;
    grow) truncate -s $(($2 * 512)) $work/file.$1; losetup -c /dev/loop$1 ;;
    create) local n=$1; shift; dm create --notable $n && { dm load $n --table "$*" && dm resume $n || dm remove $n; } ;;
    make) dm create --notable $1 ;;
    load) local n=$1; shift; dm load $n --table "$*" ;;
    load-ro) local n=$1; shift; dm load --readonly $n --table "$*" ;;
    load-lines) local n=$1; shift; local table="$*"; echo "${table//|/$'\n'}" > $work/table; dm load $n $work/table ;;
    clear|resume|remove|suspend) dm $verb $1 ;;
    suspend-noflush) dm suspend --noflush $1 ;;
    rename) dm rename $1 $2 ;;
    wait) dm wait $1 $2 ;;
    message) local n=$1; shift; dm message $n 0 "$*" ;;
    status|table) dm $verb $1 ;;
    status-inactive|table-inactive) dm ${verb%-inactive} --inactive $1 ;;
    status-noflush) dm status --noflush $1 ;;
    event) dmsetup info -c --noheadings -o events $1 ;;
    state) local state=$(dmsetup info -c --noheadings -o suspended $1); echo "${state,,}" ;;
    write) fill $3 $4; path $1; try dd if=$filled of=$path oflag=direct,seek_bytes conv=notrunc,nocreat bs=$(($3 * 512)) seek=$(($2 * 512)) count=1 status=none ;;
    read) path $1; try dd if=$path of=$work/read iflag=direct,skip_bytes bs=$(($3 * 512)) skip=$(($2 * 512)) count=1 status=none > $work/failed
      if [ -s $work/failed ]; then echo "$(<$work/failed)"; else runs; fi ;;
    discard) path $1; try blkdiscard -o $(($2 * 512)) -l $(($3 * 512)) $path ;;
    flush) path $1; try dd if=/dev/null of=$path conv=notrunc,nocreat,fsync status=none ;;
    limits) local q=/sys/block/$(number $1)/queue
      echo "$(<$q/minimum_io_size) $(<$q/optimal_io_size) $(<$q/max_sectors_kb) $(<$q/discard_granularity) $(<$q/discard_max_bytes)" ;;
    sleep) pause $1 ;;
    start) local k=$1; shift; rm -f $work/done.$k; ( perform "$@" > $work/job.$k 2>&1; : > $work/done.$k ) & pause 0.2 ;;
    look) pause 0.02; if [ -e $work/done.$1 ]; then echo done; echo -n "$(<$work/job.$1)"; [ ! -s $work/job.$1 ] || echo; else echo pending; fi ;;
    for) local i from=$1 to=$2; shift 2
      for ((i = from; i <= to; i++)); do local words="${*//#/$i}"; perform ${words//@/$((i - 1))}; done ;;
    dump) tool 0 thin_dump $1 ;;
    dump-held) tool 0 thin_dump -m $1 ;;
    check) tool 0 thin_check -q $1 && echo passes || echo fails ;;
    clear-needs-check) tool 1 thin_check -q --clear-needs-check-flag $1 ;;
    hex) od -An -v -tx1 -w16 -j $2 -N $3 $work/file.$1 | tr -d ' ' ;;
    tear) printf "$(sed 's/../\\x&/g' <<<$3)" | dd of=$work/file.$1 bs=1 seek=$2 conv=notrunc status=none ;;
    *) echo "no command $verb" ;;
  esac
}

# tool WRITE PROGRAM OPTION… LOOP: on a copy, since programs refuse what is in use; it is copied back where it may be written to.
tool() {
  local write=$1 loop=${!#}; set -- "${@:2:$#-2}"
  mark aside
  cat $work/file.$loop > $work/copy; losetup /dev/loop7 $work/copy
  "$@" /dev/loop7 2>&1; local status=$?
  losetup -d /dev/loop7
  mark back
  [ $write = 0 ] || cat $work/copy > $work/file.$loop
  return $status
}

runs() { # the first byte of each sector of what was read, and how often: od says "*" for lines like the one before
  local at byte rest last= from=0 text=
  while read -r at byte rest; do
    [ "$at" = "*" ] && continue
    at=$((10#$at / 512))
    [ "$byte" = "$last" ] && continue
    [ -z "$last" ] || text+="$last*$((at - from)) "
    last=$byte from=$at
  done < <(od -Ad -tx1 -w512 $work/read)
  echo "${text% }"
}

# The kernel's log is read once, at the end of a scenario: marks in it say after which command its lines come.
mark() { echo "<7>transcript mark $*" > /dev/kmsg; }

merge() { # the transcript, in which numbers of commands stand for what was logged meanwhile
  local line n=0 aside=; local -A said
  while IFS= read -r line; do
    # The second line of a message has no time, but blanks in its place.
    if [[ $line == " "* ]]; then [ "$aside" ] || said[$n]+="${line#"${line%%[! ]*}"}"$'\n'; continue; fi
    line=${line#*] }
    # The task that submitted the I/O: a worker, whichever it was, or whoever makes the call.
    case $line in
      kworker/[0-9]*": attempt to access beyond end of device") line="kworker/0:0: attempt to access beyond end of device" ;;
      *": attempt to access beyond end of device") line="dmsim: attempt to access beyond end of device" ;;
    esac
    case $line in
      "transcript mark aside") aside=1 ;;
      "transcript mark back") aside= ;;
      "transcript mark "*) n=${line##* } ;;
      *) [ "$aside" ] || said[$n]+="  $line"$'\n' ;;
    esac
  done < <(dmesg -c)
  while IFS= read -r line; do
    case $line in
      "mark "*) printf %s "${said[${line#* }]}" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < $work/transcript
}

# As after boot but for numbers that were used, and for the five seconds in which a rate limit forgets.
tidy() {
  local round name names
  for round in 1 2 3 4; do
    dmsetup info -c --noheadings -o name > $work/names 2>/dev/null; mapfile -t names < $work/names
    case "${names[0]}" in ""|"No devices"*) break ;; esac
    for name in "${names[@]}"; do
      dmsetup --noudevsync --noudevrules clear $name; dmsetup --noudevsync --noudevrules resume $name
      dmsetup --noudevsync --noudevrules remove $name
    done
  done >/dev/null 2>&1
  losetup -D; rm -rf $work/*; pause 6; dmesg -C
}

play() {
  local line n=0
  while IFS= read -r line; do
    case $line in
      "==="*) [ $n = 0 ] || { merge; tidy; }; n=0; echo "$line"; : > $work/transcript; mark 0 ;;
      ">"*) n=$((n + 1)); { echo "$line"; mark $n; perform ${line#> }; pause 0.01; echo "mark $n"; } >> $work/transcript 2>&1 ;;
      "#"*) echo "$line" >> $work/transcript ;;
    esac
  done
  [ $n = 0 ] || merge
}

dmesg -C
if [ "$1" = - ]; then play; else for scenario; do echo "=== $(basename "$scenario" .txt)"; cat "$scenario"; done | play; fi 2>&1 |
  sed "s/\b$major:/254:/g"
rm -rf $work
