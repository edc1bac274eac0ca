# Reports of dmstats: counters and fields.
truncate -s 4M disk; losetup /dev/loop0 disk; dmsetup create a --table "0 8192 linear 7:0 0"
dmstats create --areas 4 a; dd if=/dev/zero of=/dev/mapper/a bs=64k count=10 oflag=direct status=none; dd if=/dev/mapper/a of=/dev/null bs=64k count=3 iflag=direct status=none
dmstats report --noheadings -o read_count,write_count,read_sector_count,write_sector_count a; dmstats report --area -o region_id,area_id,area_start,area_len,write_count a; dmstats report --region -o +region_start a | head -n 1
dmstats report -o name,obj_type,reads_merged_count,in_progress_count --sort -area_id --area a; dmstats report -S 'write_count>0' --noheadings --area -o area_id,write_count a; echo $?
