# LVM's names taken apart.
dmsetup splitname vg-lv; dmsetup splitname vg--x-lv--y-real; dmsetup splitname vg-lv LVM; dmsetup splitname -o vg_name vg-lv
