# Names of logical volumes, taken apart.
for n in vg-lv vg--a-lv--b vg-lv-real vg-lv_tmeta "a--b--c" "-x" "x-" "a-b-c-d" "" ; do dmsetup splitname -- "$n"; dmsetup splitname -c --noheadings --separator '|' -- "$n" LVM; dmsetup splitname --nameprefixes --noheadings -o vg_name,lv_name,lv_layer,subsystem -- "$n" CRYPT; echo $?; done
