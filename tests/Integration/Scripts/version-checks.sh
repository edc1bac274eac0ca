# Versions that programs ask for.
dmsetup version | sed 1d; dmsetup targets | sort; dmsetup --version | sed 1d
