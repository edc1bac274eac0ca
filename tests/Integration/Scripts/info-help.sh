# The fields that there are.
dmsetup info -c -o help; dmsetup help -c >/dev/null; echo $?; dmsetup info -c -S help | head -5
