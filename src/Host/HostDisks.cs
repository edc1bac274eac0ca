using System.Text;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Host;

/// <summary>
/// The disks on which the user's files really lie. Nothing on the simulated machine may take one for a device of its own that happens
/// to have the same number or name: programs are told another number, and mounts that name no disk.
/// </summary>
internal static partial class HostDisks
{
    /// <summary>A number that no device of the machine has: SCSI disks' (Documentation/admin-guide/devices.txt).</summary>
    private const uint ElsewhereMajor = 8;

    private static readonly uint[] SimulatedMajors = [DeviceNumber.LoopMajor, DeviceNumber.DmMajor, 259];

    /// <summary>What st_dev is to say in the place of this.</summary>
    public static ulong Renumber(ulong device)
    {
        var number = DeviceNumber.Decode(device);
        return IsMistakable(number.Major) ? new DeviceNumber(ElsewhereMajor, number.Minor).Encode() : device;
    }

    /// <summary>Whether a disk of this major number can be taken for one of the machine's.</summary>
    public static bool IsMistakable(uint major) => SimulatedMajors.Contains(major);

    /// <summary>See <see cref="Renumber(ulong)"/>.</summary>
    public static bool Renumber(ref stat found)
    {
        ulong told = Renumber(found.st_dev);
        bool differs = told != found.st_dev;
        found.st_dev = told;
        return differs;
    }

    /// <summary>Which list of mounts a path of /proc is, and whose; null for any other path.</summary>
    public static string? MountsFile(string path)
    {
        // Nearly every path that comes by is another: this is the quick way out.
        if (!path.StartsWith("/proc/", StringComparison.Ordinal) && path != "/etc/mtab")
            return null;
        return path is "/proc/mounts" or "/etc/mtab" ? "self/mounts" : MountsPath().Match(path) is { Success: true } match ? match.Groups[1].Value : null;
    }

    /// <summary>
    /// A list of mounts (fs/proc_namespace.c, show_vfsmnt and show_mountinfo) as the machine would have it: our tree is its devtmpfs,
    /// what the tree covers is no mount at all, and the disk below is called as the kernel calls it when nobody has named it.
    /// </summary>
    public static string Rewrite(string mounts)
    {
        var lines = mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => MountLine.Parse(line)).OfType<MountLine>().ToList();
        // Of several mounts on one place the last is seen.
        var last = lines.GroupBy(line => line.Target).ToDictionary(group => group.Key, group => group.Last());
        var insteadOf = new Dictionary<string, string>();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            if (line.Parent is { } parent)
                line.Parent = insteadOf.GetValueOrDefault(parent, parent);
            if (last[line.Target] != line || line.IsHidden)
                insteadOf[line.Id] = line.Parent ?? "";
            else
                text.Append(line.Shown()).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A line of mounts or of mountinfo, whose words are those behind a " - ", and others before it.</summary>
    private sealed class MountLine(string[] words, int dash)
    {
        private bool IsInfo => dash > 0;

        private ref string Source => ref words[IsInfo ? dash + 2 : 0];
        private ref string Type => ref words[IsInfo ? dash + 1 : 2];
        private ref string Options => ref words[IsInfo ? dash + 3 : 3];

        public string Target => words[IsInfo ? 4 : 1];
        public string Id => IsInfo ? words[0] : Target;

        public string? Parent
        {
            get => IsInfo ? words[1] : null;
            set => words[1] = value ?? "";
        }

        public static MountLine? Parse(string line)
        {
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-");
            return words.Length >= (dash > 0 ? dash + 4 : 4) && (dash <= 0 || dash > 5) ? new MountLine(words, dash) : null;
        }

        public bool IsHidden => (Source == Mounts.SourceName && Target != "/dev") || Target == LvmSettings.Folder
            || (Target.StartsWith("/dev/", StringComparison.Ordinal) && !DeviceTree.HostFolders.Contains(Target["/dev/".Length..]))
            || Target.StartsWith("/run/", StringComparison.Ordinal) || Source.StartsWith("/dev/loop", StringComparison.Ordinal);

        public string Shown()
        {
            if (Source == Mounts.SourceName)
            {
                (Source, Type) = ("devtmpfs", "devtmpfs");
                Options = IsInfo ? "rw,mode=755" : "rw,relatime,mode=755";
                if (IsInfo)
                    words[3] = "/";
            }
            else if (Source.StartsWith("/dev/", StringComparison.Ordinal))
                Source = "/dev/root";
            string[] number = IsInfo ? words[2].Split(':') : [];
            if (number.Length == 2 && uint.TryParse(number[0], out uint major) && uint.TryParse(number[1], out uint minor))
                words[2] = DeviceNumber.Decode(Renumber(new DeviceNumber(major, minor).Encode())).ToString();
            return string.Join(' ', words);
        }
    }

    [GeneratedRegex("^/proc/((?:self|thread-self|[0-9]+)/(?:mounts|mountinfo))$", RegexOptions.CultureInvariant)]
    private static partial Regex MountsPath();
}
