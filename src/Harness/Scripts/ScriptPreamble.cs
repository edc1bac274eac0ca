namespace DmSim.Harness.Scripts;

/// <summary>What every exported script begins with.</summary>
internal static class ScriptPreamble
{
    /// <summary>Functions of the script; @NAMES@ is replaced by the device names that it uses.</summary>
    public const string Text = """
        # Needs root, bash, dmsetup, losetup, dd, blkdiscard; perl for what these cannot say; mknod where /dev does not fill itself.
        # It makes and removes only the devices named in NAMES, and loop devices over files of its own.
        # LOOK=0 leaves out the state after each step; PACE is the pause between steps in seconds.
        set -u
        export LC_ALL=C DM_DISABLE_UDEV=1 DM_DEFAULT_NAME_MANGLING_MODE=none
        NAMES=(@NAMES@)
        DM=$(awk '/^Block/ { block = 1 } block && $2 == "device-mapper" { print $1 }' /proc/devices)
        # Not by the shell's number: on simulated machines many have the same.
        WORK=$(mktemp -d "${TMPDIR:-/tmp}/dmsim-script-XXXXXX") || exit 2
        LOOPS=() PENDING=() STEP=0

        # Leaves nothing behind: blocked commands are freed by resuming and emptying every device, then all goes.
        clean_up() {
          trap - EXIT INT TERM
          local n p i l
          for n in "${NAMES[@]}"; do
            dmsetup info "$n" >/dev/null 2>&1 || continue
            echo "0 1 error" | dmsetup load "$n" 2>/dev/null
            dmsetup resume --noflush --nolockfs "$n" 2>/dev/null
          done
          for p in ${PENDING[@]+"${PENDING[@]}"}; do kill "$p" 2>/dev/null; done
          for i in ${!HANDLE_PID[@]}; do kill "${HANDLE_PID[$i]}" 2>/dev/null; done
          for i in ${!HANDLE_FD[@]}; do eval "exec ${HANDLE_FD[$i]}>&-"; done
          for n in 1 2 3; do
            for p in "${NAMES[@]}"; do dmsetup info "$p" >/dev/null 2>&1 && dmsetup remove "$p" 2>/dev/null; done
          done
          for l in ${LOOPS[@]+"${LOOPS[@]}"}; do losetup -d "$l" 2>/dev/null; done
          rm -rf "$WORK"
        }

        # major:minor of a mapped device; of a loop device by its number in this script.
        number() { dmsetup info -c --noheadings --separator : -o major,minor "$@" 2>/dev/null; }
        loop_number() {
          local l="L$1"
          [ -n "${!l:-}" ] && echo "7:${!l#/dev/loop}" || echo "7:$1"
        }
        node() {
          [ -n "${1:-}" ] || { echo /nonexistent; return; }
          local path
          case $1 in "$DM":*) path=/dev/dm-${1#*:} ;; 7:*) path=/dev/loop${1#*:} ;; esac
          [ -b "${path:-}" ] || path="$WORK/${1/:/-}"
          [ -b "$path" ] || mknod "$path" b "${1%:*}" "${1#*:}"
          echo "$path"
        }

        attach_loop() { # index bytes [-r] [-b block size]
          local loop
          truncate -s "$2" "$WORK/loop$1" && loop=$(losetup -f --show "${@:3}" "$WORK/loop$1") || return
          printf -v "L$1" %s "$loop"
          LOOPS+=("$loop")
        }
        fill_loop() { # index, on standard input gzip in base 64
          base64 -d | gunzip | dd of="$WORK/loop$1" conv=notrunc status=none
        }
        resize_loop() { # index bytes
          local l="L$1"
          truncate -s "$2" "$WORK/loop$1" && losetup -c "${!l}"
        }

        attribute() { # major:minor path [text to write]
          if [ $# -gt 2 ]; then printf %s "$3" >"/sys/dev/block/$1/$2"; else cat "/sys/dev/block/$1/$2"; fi
        }

        declare -A HANDLE_FD=() HANDLE_PID=()
        open_handle() { # handle mode device
          printf -v "H$1" %s "$3"
          local fd
          case $2 in
            r) { exec {fd}<"$3"; } 2>/dev/null || { echo "    cannot open"; return 1; } ; HANDLE_FD[$1]=$fd ;;
            rw|w) { exec {fd}<>"$3"; } 2>/dev/null || { echo "    cannot open"; return 1; } ; HANDLE_FD[$1]=$fd ;;
            *) perl -e 'use Fcntl; sysopen(F, $ARGV[1], ($ARGV[0] =~ /^r,/ ? O_RDONLY : O_RDWR) | O_EXCL) or die "    cannot open: $!\n"; sleep' "$2" "$3" &
               HANDLE_PID[$1]=$! ;;
          esac
        }
        close_handle() {
          if [ -n "${HANDLE_PID[$1]:-}" ]; then kill "${HANDLE_PID[$1]}"; unset "HANDLE_PID[$1]"
          else eval "exec ${HANDLE_FD[$1]}>&-"; unset "HANDLE_FD[$1]"; fi
        }

        read_at() { # device offset bytes
          dd if="$1" bs="$3" skip="$2" count=1 iflag=direct,skip_bytes status=none | md5sum
          return "${PIPESTATUS[0]}"
        }
        write_at() { # device offset bytes seed
          pattern "$3" "$4" | dd of="$1" bs="$3" seek="$2" count=1 oflag=direct,seek_bytes iflag=fullblock conv=notrunc status=none
        }
        # The bytes that a seed stands for: a multiplicative generator, eight bytes at a time; seed 0 is zeros.
        pattern() {
          perl -e 'my ($n, $seed) = @ARGV; if ($seed == 0) { print "\0" x $n; exit }
            my $m = 0x9E3779B97F4A7C15; my $k = 0xBF58476D1CE4E5B9;
            sub mul { my ($a, $b) = @_; use integer; $a * $b } sub add { my ($a, $b) = @_; use integer; $a + $b }
            my $s = mul($seed, $m); my $out = "";
            while (length($out) + 8 <= $n) { $s = add($s, $m); my $u = unpack("Q", pack("q", $s));
              my $z = unpack("Q", pack("q", mul($u ^ ($u >> 30), $k))); $out .= pack("Q", $z ^ ($z >> 27)) }
            my $u = unpack("Q", pack("q", $s)); my $i = length $out;
            while ($i < $n) { $out .= chr(($u >> ($i & 7)) & 255); $i++ } print $out' "$1" "$2"
        }
        # The ioctl itself: request number and bytes, a run as "xx*count,".
        dm_ioctl() {
          perl -e 'my ($r, $t) = @ARGV; my $b = ""; $b .= pack("H2", $1) x ($2 || 1) while $t =~ /([0-9a-f]{2})(?:\*(\d+),)?/g;
            open(F, "+<", "/dev/mapper/control") or die "control: $!\n";
            if (ioctl(F, hex $r, $b)) { print "    ok\n" } else { printf "    errno %d (%s)\n", $!, $!; exit 1 }
            my @h = unpack("L6 l L3 Q", $b); printf "    flags 0x%x open %d events %u targets %u\n", $h[7], $h[6], $h[8], $h[5]' "$1" "$2"
        }

        step() { STEP=$((STEP + 1)); printf '%3d  %s\n' "$STEP" "$1"; }
        here() { "$@"; local r=$?; [ $r = 0 ] || echo "    exit $r"; look; }
        may_block() {
          "$@" & local p=$! i
          for ((i = 0; i < 50; i++)); do kill -0 $p 2>/dev/null || break; sleep 0.02; done
          if kill -0 $p 2>/dev/null; then echo "    pending"; PENDING+=($p)
          else wait $p; local r=$?; [ $r = 0 ] || echo "    exit $r"; fi
          look
        }
        LINES_SEEN=$(dmesg | wc -l)
        look() {
          local n lines
          lines=$(dmesg | wc -l); dmesg | tail -n +$((LINES_SEEN + 1)) | sed 's/^\[[^]]*\] //; s/^/    log: /'; LINES_SEEN=$lines
          if [ "${LOOK:-1}" != 0 ]; then
            for n in "${NAMES[@]}"; do
              dmsetup info -c --noheadings -o name,uuid,major,minor,attr,open,segments,events "$n" 2>/dev/null | sed 's/^/    /'
              dmsetup table "$n" 2>/dev/null | sed 's/^/    table  /'; dmsetup status "$n" 2>/dev/null | sed 's/^/    status /'
            done
          fi
          sleep "${PACE:-0.1}"
        }

        [ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
        for n in "${NAMES[@]}"; do
          if dmsetup info "$n" >/dev/null 2>&1; then echo "a device named $n exists already: nothing was done" >&2; exit 2; fi
        done
        trap clean_up EXIT INT TERM
        """;
}
