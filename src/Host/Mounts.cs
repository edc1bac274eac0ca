using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Host;

/// <summary>
/// The mounts of the programs' namespace, made by a thread that has one of its own: our tree over /dev and over the block parts of
/// /sys, and private memory over what lvm2 writes to. Nothing here is seen outside, and all of it goes with the last program.
/// </summary>
internal static class Mounts
{
    /// <summary>What our file system is mounted from, as lists of mounts have it.</summary>
    public const string SourceName = "dmsim";

    /// <summary>Folders that every Linux has, for the moment in which the tree needs a place.</summary>
    private static readonly string[] Places = ["/mnt", "/media", "/srv", "/opt", "/var", "/tmp"];

    /// <summary>The folders of /sys that speak of block devices and of what drives them.</summary>
    private static readonly string[] SysFolders = ["/sys/devices/virtual/block", "/sys/block", "/sys/class/block", "/sys/dev/block",
        "/sys/devices/virtual/bdi", "/sys/class/bdi", "/sys/devices/virtual/misc", "/sys/class/misc", "/sys/module"];

    /// <summary>Of /run, what programs must not share with the host.</summary>
    private static readonly string[] PrivateRun = ["lock", "lvm", "udev", "mount"];

    /// <summary>Makes them all, and answers the number of our file system (st_dev).</summary>
    /// <param name="fuse">An open /dev/fuse, that nobody can read before it is mounted.</param>
    /// <param name="serve">Starts to read it.</param>
    public static ulong Make(int fuse, Action serve)
    {
        Need(Libc.Mount("none", "/", "none", Libc.MS_REC | Libc.MS_PRIVATE, null), "mounts cannot be made private");
        string place = Places.FirstOrDefault(Directory.Exists) ?? throw HostRefusedException.Missing("There is no folder to mount on:", "none of /mnt, /media, /srv exists.");
        string[] run = Directory.Exists("/run") ? Directory.GetFileSystemEntries("/run") : [];
        var errno = Libc.Mount(SourceName, place, "fuse", Libc.MS_NOSUID | Libc.MS_NODEV,
            $"fd={fuse},rootmode=40755,user_id=0,group_id=0,allow_other");
        if (errno != Errno.None)
            throw HostRefusedException.Missing($"A FUSE file system cannot be mounted in a user namespace here ({errno}):",
                "the kernel needs CONFIG_FUSE_FS, and no security module may forbid it (on Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0).");
        serve();
        foreach (string name in DeviceTree.HostNodes)
            if (Path.Exists("/dev/" + name))
                Need(Bind("/dev/" + name, $"{place}/dev/{name}"), $"/dev/{name} cannot be bound");
        foreach (string name in DeviceTree.HostFolders)
            if (Directory.Exists("/dev/" + name))
                Need(Bind("/dev/" + name, $"{place}/dev/{name}"), $"/dev/{name} cannot be bound");
        foreach (string folder in SysFolders)
            if (Directory.Exists(folder))
                Need(Bind(place + folder, folder), $"{folder} cannot be covered");
        Need(Bind(place + "/dev", "/dev"), "/dev cannot be covered");
        Libc.Stat(Libc.AT_FDCWD, place, 0, out var found);
        Need(Libc.Unmount(place, Libc.MNT_DETACH), $"{place} cannot be uncovered");
        MakeRun(run);
        WriteLvmSettings();
        return found.st_dev;
    }

    private static Errno Bind(string from, string to) => Libc.Mount(from, to, "none", Libc.MS_BIND | Libc.MS_REC, null);

    private static void Need(Errno errno, string sentence)
    {
        if (errno != Errno.None)
            throw HostRefusedException.Missing($"In a user namespace {sentence} here ({errno}):", "a container or a security module forbids it.");
    }

    /// <summary>A private /run with the host's entries in it, but for what block tools keep there.</summary>
    private static void MakeRun(string[] entries)
    {
        const string old = "/dev/.dmsim/run";
        if (entries.Length == 0 || Bind("/run", old) != Errno.None)
            return;
        Need(Libc.Mount("tmpfs", "/run", "tmpfs", Libc.MS_NOSUID | Libc.MS_NODEV, "mode=755"), "/run cannot be covered");
        foreach (string path in entries)
        {
            string name = Path.GetFileName(path);
            if (PrivateRun.Contains(name))
                continue;
            if (new FileInfo(path).LinkTarget is null && Directory.Exists($"{old}/{name}"))
                Directory.CreateDirectory(path);
            else if (Libc.ReadLink(Libc.AT_FDCWD, $"{old}/{name}", out string target) == Errno.None)
            {
                File.CreateSymbolicLink(path, target);
                continue;
            }
            else
                File.WriteAllBytes(path, []);
            // What cannot be bound stays an empty file: nobody needs it for block devices.
            _ = Bind($"{old}/{name}", path);
        }
        foreach (string name in PrivateRun)
            Directory.CreateDirectory("/run/" + name);
        _ = Libc.Unmount(old, Libc.MNT_DETACH);
    }

    /// <summary>lvm2 keeps its backups beside its settings: both are in private memory.</summary>
    private static void WriteLvmSettings()
    {
        if (!Directory.Exists(LvmSettings.Folder)
            || Libc.Mount("tmpfs", LvmSettings.Folder, "tmpfs", Libc.MS_NOSUID | Libc.MS_NODEV, "mode=755") != Errno.None)
            return;
        File.WriteAllText(LvmSettings.Folder + "/lvm.conf", LvmSettings.Text);
    }
}
