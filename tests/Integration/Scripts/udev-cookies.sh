# Cookies without udev.
dmsetup udevflags 0; dmsetup udevflags 0xd4d0101; dmsetup udevcookies; dmsetup udevcomplete nosuch; echo $?
