# What the kernel has.
dmsetup version; dmsetup targets; dmsetup target-version zero linear; dmsetup target-version nosuch; echo $?
