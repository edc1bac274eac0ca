using System.Text;

namespace DmSim.Cli.Hosted;

/// <summary>Which package of Debian's brings a program that people try on a simulated machine (bookworm).</summary>
internal static class ProgramPackages
{
    private static readonly (string Package, string[] Programs)[] Rows =
    [
        ("bsdutils", ["script"]),
        ("btrfs-progs", ["btrfs", "mkfs.btrfs"]),
        ("cryptsetup-bin", ["cryptsetup", "integritysetup", "veritysetup"]),
        ("dmsetup", ["dmsetup", "dmstats"]),
        ("dosfstools", ["fsck.fat", "mkfs.fat", "mkfs.vfat"]),
        ("e2fsprogs", ["debugfs", "dumpe2fs", "e2fsck", "e2image", "mke2fs", "mkfs.ext2", "mkfs.ext3", "mkfs.ext4", "resize2fs", "tune2fs"]),
        ("f2fs-tools", ["mkfs.f2fs"]),
        ("fdisk", ["cfdisk", "fdisk", "sfdisk"]),
        ("file", ["file"]),
        ("fio", ["fio"]),
        ("gdisk", ["gdisk", "sgdisk"]),
        ("hdparm", ["hdparm"]),
        ("jq", ["jq"]),
        ("kpartx", ["kpartx"]),
        ("lvm2", ["lvchange", "lvconvert", "lvcreate", "lvdisplay", "lvextend", "lvm", "lvreduce", "lvremove", "lvrename", "lvresize", "lvs", "lvscan",
            "pvchange", "pvck", "pvcreate", "pvdisplay", "pvmove", "pvremove", "pvresize", "pvs", "pvscan", "vgcfgbackup", "vgcfgrestore", "vgchange",
            "vgcreate", "vgdisplay", "vgextend", "vgimportclone", "vgreduce", "vgremove", "vgrename", "vgs", "vgscan"]),
        ("mdadm", ["mdadm"]),
        ("mount", ["losetup", "mount", "umount"]),
        ("parted", ["parted", "partprobe"]),
        ("strace", ["strace"]),
        ("stratisd", ["stratisd"]),
        ("stress-ng", ["stress-ng"]),
        ("sysstat", ["iostat"]),
        ("thin-provisioning-tools", ["cache_check", "cache_dump", "cache_metadata_size", "cache_repair", "cache_restore", "cache_writeback", "era_check",
            "era_dump", "era_invalidate", "era_restore", "pdata_tools", "thin_check", "thin_delta", "thin_dump", "thin_ls", "thin_metadata_size",
            "thin_repair", "thin_restore", "thin_rmap", "thin_trim"]),
        ("tree", ["tree"]),
        ("util-linux", ["blkdiscard", "blkid", "blkzone", "blockdev", "dmesg", "fallocate", "findmnt", "flock", "hexdump", "lsblk", "mkswap", "partx", "wipefs"]),
        ("vdo", ["vdoformat", "vdostats"]),
        ("xfsprogs", ["mkfs.xfs", "xfs_db", "xfs_growfs", "xfs_info", "xfs_io", "xfs_repair"]),
        ("xxd", ["xxd"]),
    ];

    /// <summary>The package, or null when nobody has thought of the program.</summary>
    public static string? Of(string program) => Rows.FirstOrDefault(row => row.Programs.Contains(program)).Package;

    /// <summary>What is missing and what helps, in one sentence.</summary>
    public static string Sentence(string program) => Of(program) is { } package
        ? $"The program {program} is missing: install the package {package} (on Debian or Ubuntu: sudo apt install {package})."
        : $"There is no program {program} here.";

    /// <summary>The same as a case of bash's: sets "package" for the program "$1".</summary>
    public static string BashCase()
    {
        var text = new StringBuilder("case $1 in\n");
        foreach (var (package, programs) in Rows)
            text.Append($"    {string.Join(" | ", programs)}) package={package} ;;\n");
        return text.Append("    esac").ToString();
    }
}
