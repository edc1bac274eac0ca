#!/usr/bin/bash
# modprobe of the guest of `dmsim vm`: the kernel calls it when it misses a module (target "raid": modprobe -q -- dm-raid).
# /modules/NAME.load lists what NAME needs and NAME itself, in load order; NAME may be an alias.
for word; do
    case "$word" in
        -*) ;;
        *) name=${word//-/_}; break ;;
    esac
done
[ -d "/sys/module/$name" ] && exit 0
grep -qx -- "$name" /modules/builtin.list && exit 0
if [ ! -e "/modules/$name.load" ]; then
    echo "modprobe: FATAL: Module ${name:-without a name} not found in directory /lib/modules/$(uname -r)" >&2
    exit 1
fi
while read -r module; do
    [ -d "/sys/module/${module%.ko}" ] || insmod "/modules/$module" || exit 1
done <"/modules/$name.load"
