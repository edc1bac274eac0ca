using DmSim.Abi;

namespace DmSim.Host;

/// <summary>/sys/devices/virtual/block and the folders of links into it, under "sys" of the tree.</summary>
internal sealed class SysfsTree
{
    private readonly DeviceTree _tree;
    private readonly Simulation _simulation;
    private readonly Dictionary<DeviceNumber, FolderNode> _folders = [];
    private readonly FolderNode _virtual, _virtualBdi, _block, _classBlock, _classBdi, _devBlock;

    public SysfsTree(DeviceTree tree, Simulation simulation)
    {
        _tree = tree;
        _simulation = simulation;
        var sys = tree.Put(tree.Root, "sys", new FolderNode { Order = KernfsOrder });
        var all = tree.Folder(tree.Folder(sys, "devices"), "virtual");
        _virtual = tree.Folder(all, "block");
        _virtualBdi = tree.Folder(all, "bdi");
        _block = tree.Folder(sys, "block");
        _classBlock = tree.Folder(tree.Folder(sys, "class"), "block");
        _classBdi = tree.Folder(tree.Folder(sys, "class"), "bdi");
        _devBlock = tree.Folder(tree.Folder(sys, "dev"), "block");
    }

    /// <param name="disk">For a partition its disk, in whose folder its own lies.</param>
    public void Add(string name, DeviceNumber number, string? disk)
    {
        string path = disk is null ? name : $"{disk}/{name}", up = disk is null ? "../../" : "../../../";
        var folder = _tree.Put(disk is null ? _virtual : _tree.Folder(_virtual, disk), name,
            new FolderNode { Order = KernfsOrder, Refresh = () => Refresh(number) });
        _folders[number] = folder;
        _tree.Put(folder, "holders", new FolderNode { Refresh = () => RefreshLinks(number, "holders", device => device.Holders, up) });
        _tree.Put(folder, "subsystem", LinkNode.InSysfs($"{up}../../class/block"));
        _tree.Put(_classBlock, name, LinkNode.InSysfs($"../../devices/virtual/block/{path}"));
        _tree.Put(_devBlock, number.ToString(), LinkNode.InSysfs($"../../devices/virtual/block/{path}"));
        if (disk is null)
        {
            AddBackingDevice(folder, number.ToString());
            _tree.Put(folder, "slaves", new FolderNode { Refresh = () => RefreshLinks(number, "slaves", device => device.Slaves, up) });
            _tree.Put(_block, name, LinkNode.InSysfs($"../devices/virtual/block/{name}"));
        }
        Refresh(number);
    }

    /// <summary>bdi_register (mm/backing-dev.c, 6.1): what a disk's readers and writers go by is a device of its own.</summary>
    private void AddBackingDevice(FolderNode disk, string number)
    {
        var folder = _tree.Folder(_virtualBdi, number);
        _tree.Put(folder, "subsystem", LinkNode.InSysfs("../../../../class/bdi"));
        _tree.Put(_classBdi, number, LinkNode.InSysfs($"../../devices/virtual/bdi/{number}"));
        _tree.Put(disk, "bdi", LinkNode.InSysfs($"../../bdi/{number}"));
    }

    public void Remove(string name, DeviceNumber number)
    {
        if (_folders.Remove(number, out var folder))
            folder.Parent!.Remove(name);
        _block.Remove(name);
        _classBlock.Remove(name);
        _devBlock.Remove(number.ToString());
        _virtualBdi.Remove(number.ToString());
        _classBdi.Remove(number.ToString());
    }

    private IBlockDeviceInfo? Find(DeviceNumber number) => _simulation.Machine.BlockDevices.FirstOrDefault(device => device.Number == number);

    /// <summary>Attributes come and go: "loop" is there while a file is attached.</summary>
    private void Refresh(DeviceNumber number)
    {
        if (!_folders.TryGetValue(number, out var folder) || Find(number) is not { } device)
            return;
        var present = new HashSet<string>();
        foreach (string path in device.Attributes)
        {
            var at = folder;
            string[] parts = path.Split('/');
            foreach (string part in parts[..^1])
                at = part == "bdi" ? _tree.Folder(_virtualBdi, number.ToString()) : _tree.Folder(at, part);
            present.Add(parts[0]);
            if (at.Find(parts[^1]) is null)
                _tree.Put(at, parts[^1], new TextNode(() => Find(number)?.ReadAttribute(path),
                    device.CanWrite(path) ? text => Find(number)?.WriteAttribute(path, text) ?? Errno.ENODEV : null)
                {
                    Permissions = device.CanWrite(path) ? 0x1a4u : 0x124u,
                    Refusal = device.ReadRefusal(path),
                });
        }
        foreach (string gone in folder.Entries.Select(entry => entry.Key).Where(entry => entry is "loop" && !present.Contains(entry)).ToList())
            folder.Remove(gone);
    }

    private void RefreshLinks(DeviceNumber number, string which, Func<IBlockDeviceInfo, IReadOnlyList<string>> names, string up)
    {
        if (_folders.GetValueOrDefault(number)?.Find(which) is not FolderNode links || Find(number) is not { } device)
            return;
        var wanted = names(device);
        foreach (string gone in links.Entries.Select(entry => entry.Key).Where(entry => !wanted.Contains(entry)).ToList())
            links.Remove(gone);
        foreach (string other in wanted.Where(other => links.Find(other) is null))
            _tree.Put(links, other, LinkNode.InSysfs(up + PathOf(other)));
    }

    /// <summary>Below /sys/devices/virtual/block.</summary>
    private string PathOf(string name) =>
        _simulation.Machine.BlockDevices.FirstOrDefault(device => device.Name == name) is { Disk: { } disk } ? $"{disk}/{name}" : name;

    /// <summary>
    /// The order in which sysfs lists a folder: by a hash of the names (fs/kernfs/dir.c, kernfs_name_hash; include/linux/stringhash.h;
    /// 6.1, 64 bit).
    /// </summary>
    internal static uint KernfsOrder(string name)
    {
        const ulong goldenRatio = 0x61C8864680B583EB;
        ulong hash = 0;
        foreach (char c in name)
            hash = unchecked((hash + ((ulong)c << 4) + ((ulong)c >> 4)) * 11);
        uint folded = (uint)(unchecked(hash * goldenRatio) >> 32) & int.MaxValue;
        return folded < 2 ? folded + 2 : Math.Min(folded, int.MaxValue - 1);
    }
}
