using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// The files that programs see: /dev, the block parts of /sys, and three files of /proc. What is in it follows the machine's devices;
/// everything is used inside the <see cref="Simulation"/> only.
/// </summary>
internal sealed class DeviceTree
{
    private const uint OwnerOnly = 0x180;

    /// <summary>The misc device's minor (MAPPER_CTRL_MINOR, include/linux/miscdevice.h).</summary>
    public static readonly DeviceNumber Control = new(10, 236);

    public static readonly DeviceNumber LoopControl = new(10, 237);
    public static readonly DeviceNumber Kmsg = new(1, 11);

    private readonly Simulation _simulation;
    private readonly Dictionary<ulong, TreeNode> _nodes = [];
    private readonly SysfsTree _sysfs;
    private readonly Dictionary<DeviceNumber, string> _shown = [];
    private ulong _lastId;

    public DeviceTree(Simulation simulation, ProcFiles proc)
    {
        _simulation = simulation;
        Root = Add(new FolderNode());
        Dev = Put(Root, "dev", new FolderNode { IsInMemory = true });
        Mapper = Put(Dev, "mapper", new FolderNode { IsInMemory = true });
        Put(Mapper, "control", new DeviceNode(false, Control) { Permissions = OwnerOnly });
        Put(Dev, "loop-control", new DeviceNode(false, LoopControl) { Permissions = OwnerOnly });
        Put(Dev, "kmsg", new DeviceNode(false, Kmsg) { Permissions = 0x1a4 });
        foreach (var (name, target) in (ReadOnlySpan<(string, string)>)
            [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx")])
            Put(Dev, name, new LinkNode(target));
        foreach (string name in HostNodes)
            Put(Dev, name, new MountPointNode { Permissions = 0x1b6 });
        foreach (string name in HostFolders)
            Folder(Dev, name);
        Own = Put(Dev, ".dmsim", new FolderNode { IsHidden = true });
        ProcFolder = Folder(Own, "proc");
        foreach (var (name, text) in proc.All)
            Put(ProcFolder, name, new TextNode(text) { Permissions = 0x124 });
        var onHost = proc.All.ToLookup(file => File.Exists($"/proc/{file.Name}"));
        _missing = onHost[false].ToDictionary(file => $"/proc/{file.Name}", file => file.Text);
        string binds = string.Concat(onHost[true].Select(file => $"/dev/.dmsim/proc/{file.Name} /proc/{file.Name} none bind 0 0\n"));
        Put(Own, "fstab", new TextNode(() => binds) { Permissions = 0x124 });
        _sysfs = new SysfsTree(this, simulation);
        ModuleTree.Make(this, simulation.Machine.Modules);
        simulation.DevicesChanged = Sync;
        Sync();
    }

    /// <summary>What of the host's /dev stays: files, and folders with all that is below.</summary>
    public static readonly IReadOnlyList<string> HostNodes = ["null", "zero", "full", "random", "urandom", "tty", "console"];

    public static readonly IReadOnlyList<string> HostFolders = ["pts", "shm", "mqueue"];

    public FolderNode Root { get; }
    public FolderNode Dev { get; }
    public FolderNode Mapper { get; }

    /// <summary>/dev/.dmsim: what DmSim itself needs inside.</summary>
    public FolderNode Own { get; }

    public FolderNode ProcFolder { get; }

    /// <summary>Files of /proc that the host's kernel lacks, so that nothing can be mounted on them.</summary>
    private readonly Dictionary<string, Func<string>> _missing;

    /// <summary>What such a file holds now; null for any other path.</summary>
    public string? TextOfMissing(string path)
    {
        if (!_missing.TryGetValue(path, out var text))
            return null;
        _simulation.Enter();
        try
        {
            return text();
        }
        finally
        {
            _simulation.Exit();
        }
    }

    public TreeNode? Find(ulong id) => _nodes.GetValueOrDefault(id);

    /// <summary>Whether it lies in the folder /sys, or is that.</summary>
    public bool IsOfSysfs(TreeNode node)
    {
        var sys = Root.Find("sys");
        for (TreeNode? at = node; at is not null; at = at.Parent)
            if (at == sys)
                return true;
        return false;
    }

    public T Add<T>(T node) where T : TreeNode
    {
        node.Id = ++_lastId;
        _nodes.Add(node.Id, node);
        return node;
    }

    public T Put<T>(FolderNode folder, string name, T node) where T : TreeNode
    {
        Add(node);
        folder.Put(name, node);
        return node;
    }

    /// <summary>The folder of that name; one that is made lists its entries as its parent does.</summary>
    public FolderNode Folder(FolderNode parent, string name) =>
        parent.Find(name) as FolderNode ?? Put(parent, name, new FolderNode { Order = parent.Order });

    /// <summary>A node for a device, as mknod(2) makes it.</summary>
    public DeviceNode MakeNode(FolderNode folder, string name, bool isBlock, DeviceNumber number, uint permissions) =>
        Put(folder, name, new DeviceNode(isBlock, number, isBlock ? () => SizeOf(number) : null) { Permissions = permissions });

    /// <summary>The kernel's name of a device: loop0, dm-1; its number when there is none any more.</summary>
    public string NameOf(DeviceNumber number) => _shown.GetValueOrDefault(number) ?? number.ToString();

    private ulong SizeOf(DeviceNumber number)
    {
        foreach (var device in _simulation.Machine.BlockDevices)
            if (device.Number == number)
                return device.Size;
        return 0;
    }

    /// <summary>devtmpfs: /dev/loopN and /dev/dm-N come and go with their devices.</summary>
    private void Sync()
    {
        var present = _simulation.Machine.BlockDevices.ToDictionary(device => device.Number, device => device);
        foreach (var (number, name) in _shown.Where(shown => !present.ContainsKey(shown.Key)).ToList())
        {
            if (Dev.Find(name) is DeviceNode node && node.Device == number)
                Dev.Remove(name);
            _sysfs.Remove(name, number);
            _shown.Remove(number);
        }
        foreach (var (number, device) in present)
        {
            if (!_shown.TryAdd(number, device.Name))
                continue;
            MakeNode(Dev, device.Name, true, number, OwnerOnly);
            _sysfs.Add(device.Name, number, device.Disk);
        }
    }

    /// <summary>
    /// What the kernel's lookup_bdev finds at an absolute path: a block device node of this tree. Symbolic links are followed, those of
    /// the host's file systems as well; no look goes through our own mount, which could not answer now.
    /// </summary>
    public (Errno Errno, DeviceNumber Number) LookUp(string path)
    {
        if (path.Length is 0 or >= 4096 || path[0] != '/')
            return (Errno.ENOENT, default);
        var rest = new Stack<string>(path.Split('/').Reverse());
        var walked = new List<string>();
        TreeNode? at = null;
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                if (walked.Count > 0)
                    walked.RemoveAt(walked.Count - 1);
                at = InTree(walked);
                continue;
            }
            walked.Add(part);
            string? target;
            if (walked[0] == "dev")
            {
                at = InTree(walked);
                target = (at as LinkNode)?.Target;
                if (at is null)
                    return (Errno.ENOENT, default);
            }
            else
            {
                at = null;
                target = Libc.ReadLink(Libc.AT_FDCWD, "/" + string.Join('/', walked), out string link) == Errno.None ? link : null;
            }
            if (target is null)
                continue;
            if (++links > MaxLinks)
                return (Errno.ELOOP, default);
            walked.RemoveAt(walked.Count - 1);
            if (target.StartsWith('/'))
                walked.Clear();
            foreach (string step in target.Split('/').Reverse())
                rest.Push(step);
        }
        if (at is DeviceNode { IsBlock: true, Device: { } number })
            return (Errno.None, number);
        // What is not ours is looked at by the kernel; in the tree, or the root itself, something else than a block device is there.
        var errno = at is not null || walked.Count == 0 ? Errno.None : Libc.Stat(Libc.AT_FDCWD, "/" + string.Join('/', walked), Libc.AT_SYMLINK_NOFOLLOW, out _);
        return (errno == Errno.None ? Errno.ENOTBLK : errno, default);
    }

    private const int MaxLinks = 40;

    private TreeNode? InTree(List<string> path)
    {
        TreeNode? at = Root;
        foreach (string part in path)
            at = (at as FolderNode)?.Find(part);
        return at;
    }
}

/// <summary>The files of /proc that speak of block devices.</summary>
internal sealed class ProcFiles(Simulation simulation, string hostDevices, string hostMisc)
{
    public IEnumerable<(string Name, Func<string> Text)> All => 
        [("devices", Devices), ("misc", Misc), ("partitions", Partitions), ("diskstats", Statistics), ("swaps", () => NoSwap),
            ("modules", () => ModuleTree.ProcModules(simulation.Machine.Modules))];

    /// <summary>swap_show (mm/swapfile.c) where nothing is swapped to.</summary>
    private const string NoSwap = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    /// <summary>diskstats_show (block/genhd.c, 6.1).</summary>
    private string Statistics() => string.Concat(simulation.Machine.BlockDevices.Select(device => string.Create(CultureInfo.InvariantCulture,
        $"{device.Number.Major,4} {device.Number.Minor,7} {device.Name} {device.Statistics}\n")));

    /// <summary>devinfo_show (fs/proc/devices.c): the host's character devices, the machine's block devices.</summary>
    private string Devices()
    {
        int block = hostDevices.IndexOf("Block devices:", StringComparison.Ordinal);
        string characters = block < 0 ? "Character devices:\n 10 misc\n\n" : hostDevices[..block];
        return $"{characters}Block devices:\n  7 loop\n{DeviceNumber.DmMajor,3} device-mapper\n259 blkext\n";
    }

    private string Misc()
    {
        var lines = hostMisc.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.EndsWith(" device-mapper", StringComparison.Ordinal) && !line.EndsWith(" loop-control", StringComparison.Ordinal))
            .Append($"{DeviceTree.LoopControl.Minor,3} loop-control").Append($"{DeviceTree.Control.Minor,3} device-mapper");
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>show_partition (block/genhd.c): disks of no size are left out, with what partitions they may have.</summary>
    private string Partitions()
    {
        var text = new StringBuilder("major minor  #blocks  name\n\n");
        var devices = simulation.Machine.BlockDevices;
        var empty = devices.Where(device => device.Size < 512).Select(device => device.Name).ToHashSet();
        foreach (var device in devices.Where(device => !empty.Contains(device.Name) && !empty.Contains(device.Disk ?? "")))
            text.Append(CultureInfo.InvariantCulture, $"{device.Number.Major,4}  {device.Number.Minor,7} {device.Size >> 10,10} {device.Name}\n");
        return text.ToString();
    }
}
