using DmSim.Abi;

namespace DmSim.Host;

/// <summary>/sys/devices/virtual/block and the folders of links into it, under "sys" of the tree.</summary>
internal sealed class SysfsTree
{
    private readonly DeviceTree _tree;
    private readonly Simulation _simulation;
    private readonly FolderNode _virtual, _block, _classBlock, _devBlock;

    public SysfsTree(DeviceTree tree, Simulation simulation)
    {
        _tree = tree;
        _simulation = simulation;
        var sys = tree.Folder(tree.Root, "sys");
        _virtual = tree.Folder(tree.Folder(tree.Folder(sys, "devices"), "virtual"), "block");
        _block = tree.Put(sys, "block", new FolderNode { Order = KernfsOrder });
        _classBlock = tree.Put(tree.Folder(sys, "class"), "block", new FolderNode { Order = KernfsOrder });
        _devBlock = tree.Put(tree.Folder(sys, "dev"), "block", new FolderNode { Order = KernfsOrder });
    }

    public void Add(string name, DeviceNumber number)
    {
        var folder = _tree.Put(_virtual, name, new FolderNode { Refresh = () => Refresh(name, number) });
        _tree.Put(folder, "slaves", new FolderNode { Refresh = () => RefreshLinks(name, number, "slaves", device => device.Slaves) });
        _tree.Put(folder, "holders", new FolderNode { Refresh = () => RefreshLinks(name, number, "holders", device => device.Holders) });
        foreach (string empty in (string[])["integrity", "power", "trace"])
            _tree.Put(folder, empty, new FolderNode());
        _tree.Put(folder, "subsystem", new LinkNode("../../../../class/block"));
        _tree.Put(_block, name, new LinkNode($"../devices/virtual/block/{name}"));
        _tree.Put(_classBlock, name, new LinkNode($"../../devices/virtual/block/{name}"));
        _tree.Put(_devBlock, number.ToString(), new LinkNode($"../../devices/virtual/block/{name}"));
        Refresh(name, number);
    }

    public void Remove(string name, DeviceNumber number)
    {
        _virtual.Remove(name);
        _block.Remove(name);
        _classBlock.Remove(name);
        _devBlock.Remove(number.ToString());
    }

    private IBlockDeviceInfo? Find(DeviceNumber number) => _simulation.Machine.BlockDevices.FirstOrDefault(device => device.Number == number);

    /// <summary>Attributes come and go: "loop" is there while a file is attached.</summary>
    private void Refresh(string name, DeviceNumber number)
    {
        if (_virtual.Find(name) is not FolderNode folder || Find(number) is not { } device)
            return;
        var present = new HashSet<string>();
        foreach (string path in device.Attributes)
        {
            var at = folder;
            string[] parts = path.Split('/');
            foreach (string part in parts[..^1])
                at = _tree.Folder(at, part);
            present.Add(parts[0]);
            if (at.Find(parts[^1]) is null)
                _tree.Put(at, parts[^1], new TextNode(() => Find(number)?.ReadAttribute(path),
                    device.CanWrite(path) ? text => Find(number)?.WriteAttribute(path, text) ?? Errno.ENODEV : null)
                {
                    Permissions = device.CanWrite(path) ? 0x1a4u : 0x124u,
                });
        }
        foreach (string gone in folder.Entries.Select(entry => entry.Key).Where(entry => entry is "loop" && !present.Contains(entry)).ToList())
            folder.Remove(gone);
    }

    private void RefreshLinks(string name, DeviceNumber number, string which, Func<IBlockDeviceInfo, IReadOnlyList<string>> names)
    {
        if ((_virtual.Find(name) as FolderNode)?.Find(which) is not FolderNode links || Find(number) is not { } device)
            return;
        var wanted = names(device);
        foreach (string gone in links.Entries.Select(entry => entry.Key).Where(entry => !wanted.Contains(entry)).ToList())
            links.Remove(gone);
        foreach (string other in wanted.Where(other => links.Find(other) is null))
            _tree.Put(links, other, new LinkNode($"../../{other}"));
    }

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
