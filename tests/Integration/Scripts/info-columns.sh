# All fields of info -c.
truncate -s 1M disk; losetup /dev/loop0 disk
dmsetup create l -u UU --table "0 8 linear 7:0 0"; dmsetup create top --table "0 8 linear /dev/mapper/l 0"
for f in name mangled_name unmangled_name uuid mangled_uuid unmangled_uuid read_ahead blkdevname attr tables_loaded suspended readonly devno major minor open segments events device_count devs_used devnos_used blkdevs_used device_ref_count names_using_dev devnos_using_dev subsystem vg_name lv_name lv_layer; do dmsetup info -c -o name,$f; done
