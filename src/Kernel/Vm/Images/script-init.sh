#!/usr/bin/bash
# Init of the guest of `dmsim vm`: prepares an ordinary small Linux, takes scripts from the host and runs one after another.
# Ports: 1 the scripts' standard output, 2 their standard error, 3 requests and replies (see ScriptLink).
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LC_ALL=C TERM=dumb
# No udev here: libdevmapper makes the nodes in /dev/mapper itself.
export DM_DISABLE_UDEV=1

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm /dev/mapper /run/lock
mount -t tmpfs tmpfs /dev/shm
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr

# The kernel says once when it has gathered enough randomness. Waiting for that (a second) keeps the line out of scripts' dmesg.
head -c 1 /dev/random >/dev/null

# Warnings (level 4) reach the console, where the host looks for crashes.
echo 5 >/proc/sys/kernel/printk
while read -r module; do
    insmod "/modules/$module"
done </modules/modules.list
[ -e /dev/mapper/control ] || mknod /dev/mapper/control c 10 "$(awk '$2 == "device-mapper" { print $1 }' /proc/misc)"

end() {
    echo o >/proc/sysrq-trigger
    while :; do sleep 1; done
}

for ((i = 0; i < 600; i++)); do
    [ -e /dev/vport0p3 ] && break
    sleep 0.1
done
if [ ! -e /dev/vport0p3 ]; then
    # Not to /dev/console: what stands in the terminal's buffer is lost when the power goes.
    echo "<3>dmsim: this kernel shows no virtio port (/dev/vport0p3)" >/dev/kmsg
    end
fi
exec 3<>/dev/vport0p3

# A port can be opened once only, and scripts may well open /dev/stderr again: they get pipes.
mkfifo /run/.stdout /run/.stderr
cat /run/.stdout >/dev/vport0p1 3>&- &
output=$!
cat /run/.stderr >/dev/vport0p2 3>&- &
errors=$!
exec 4>/run/.stdout 5>/run/.stderr

echo ready >&3
status=0
while read -r size name <&3 && [ "$size" != end ]; do
    head -c "$size" <&3 >"/root/$name"
    (cd /tmp && exec bash "/root/$name" </dev/null >&4 2>&5 3>&- 4>&- 5>&-)
    status=$?
    [ "$status" = 0 ] || break
done
exec 4>&- 5>&-

# What a script left running ends with it; what cannot be killed (it waits for a suspended device) must not keep us.
for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$pid" = 1 ] || [ "$pid" = "$output" ] || [ "$pid" = "$errors" ] || [ ! -e "$process/exe" ] || kill -KILL "$pid"
done
for ((i = 0; i < 50; i++)); do
    [ -e "/proc/$output/exe" ] || [ -e "/proc/$errors/exe" ] || break
    sleep 0.1
done
echo "status $status" >&3
end
