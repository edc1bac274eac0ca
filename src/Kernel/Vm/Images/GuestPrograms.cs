namespace DmSim.Kernel.Vm;

/// <summary>Which of the host's programs a script finds in its guest.</summary>
internal static class GuestPrograms
{
    /// <summary>What the guest's init runs, and what no script about device-mapper does without; with Debian's packages.</summary>
    public static readonly IReadOnlyList<(string Name, string Package)> Required =
    [
        ("bash", "bash"), ("dmsetup", "dmsetup"), ("losetup", "mount"), ("mount", "mount"), ("insmod", "kmod"), ("awk", "mawk"), ("grep", "grep"),
        ("dd", "coreutils"), ("cat", "coreutils"), ("head", "coreutils"), ("ln", "coreutils"), ("mkdir", "coreutils"), ("mkfifo", "coreutils"),
        ("mknod", "coreutils"), ("sleep", "coreutils"),
    ];

    /// <summary>Copied where the host has them.</summary>
    public static readonly IReadOnlyList<string> Wanted =
    [
        // coreutils
        .. Words("""
            [ b2sum base32 base64 basename chgrp chmod chown cksum comm cp csplit cut date df dir dirname du echo env expand expr
            factor false fmt fold groups id install join link logname ls md5sum mktemp mv nice nl nohup nproc numfmt od paste pathchk
            pr printenv printf ptx pwd readlink realpath rm rmdir seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sort split
            stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort tty uname unexpand uniq unlink vdir wc who
            whoami yes
            """),
        // util-linux and other everyday tools
        .. Words("""
            addpart blkdiscard blkid blkzone blockdev cfdisk chrt column delpart dmesg fallocate fdisk fincore findfs findmnt flock fstrim fuser getopt hexdump hexedit ionice lsblk lscpu mkswap more
            mountpoint partx prlimit rename resizepart rev setsid sfdisk sgdisk swaplabel swapoff swapon taskset umount unshare uuidgen wipefs xxd
            sh dash egrep fgrep sed gawk mawk find xargs cmp diff diff3 sdiff gzip gunzip zcat xz tar bc jq file less which
            perl ps kill pgrep pkill pidof free top uptime watch vmstat sysctl lsmod modinfo rmmod strace ltrace
            """),
        // storage
        .. Words("""
            thin_check thin_delta thin_dump thin_ls thin_metadata_pack thin_metadata_size thin_metadata_unpack thin_migrate thin_repair
            thin_restore thin_rmap thin_trim cache_check cache_dump cache_metadata_size cache_repair cache_restore cache_writeback
            era_check era_dump era_invalidate era_restore dmstats dmeventd blkdeactivate
            lvm pvcreate pvs pvdisplay pvremove pvscan vgcreate vgs vgchange vgdisplay vgremove vgscan lvcreate lvs lvchange lvconvert
            lvdisplay lvextend lvremove lvresize lvrename lvreduce lvscan lvmdiskscan lvmconfig vgextend vgreduce vgrename vgmerge vgsplit
            vgcfgbackup vgcfgrestore vgck vgexport vgimport vgimportclone vgmknodes pvchange pvck pvmove pvresize
            cryptsetup veritysetup integritysetup mdadm fio xfs_io
            mkfs mke2fs mkfs.ext2 mkfs.ext3 mkfs.ext4 e2fsck fsck fsck.ext2 fsck.ext3 fsck.ext4 resize2fs tune2fs e2label dumpe2fs debugfs
            e2freefrag e2image e2undo badblocks chattr lsattr filefrag mkfs.xfs xfs_repair xfs_db xfs_growfs mkfs.vfat fsck.vfat mkfs.btrfs btrfs
            parted partprobe kpartx hdparm
            """),
    ];

    /// <summary>Files and folders that come with a program: what file(1) knows of contents, and the modules without which perl does not start.</summary>
    public static readonly IReadOnlyList<(string Program, string Path)> Data =
        [("file", "/usr/share/misc/magic.mgc"), ("perl", "/usr/lib/x86_64-linux-gnu/perl-base")];

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
