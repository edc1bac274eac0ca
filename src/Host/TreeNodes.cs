using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>A file of the tree. Its number is both FUSE's node id and what stat(2) shows as st_ino.</summary>
internal abstract class TreeNode
{
    public ulong Id { get; set; }

    /// <summary>Permission bits.</summary>
    public uint Permissions { get; set; }

    /// <summary>st_mtime: when it was made, and for a folder when an entry last came or went.</summary>
    public timespec Modified { get; set; } = NodeClock.Stamp();

    public uint User { get; set; }
    public uint Group { get; set; }

    /// <summary>The folder that it is in, as ".." says.</summary>
    public FolderNode? Parent { get; set; }

    /// <summary>Reached by its name only: no list shows it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>S_IFMT bits as FUSE is told: device nodes are regular files to it, else it would open the host's device.</summary>
    public abstract uint FuseType { get; }

    /// <summary>S_IFMT bits as stat(2) shows.</summary>
    public virtual uint TrueType => FuseType;

    /// <summary>st_rdev, for device nodes.</summary>
    public virtual DeviceNumber? Device => null;

    /// <summary>The size for lseek(2) to its end.</summary>
    public virtual ulong Size => 0;
}

internal sealed class FolderNode : TreeNode
{
    private readonly SortedDictionary<string, TreeNode> _entries = new(StringComparer.Ordinal);

    public FolderNode() => Permissions = 0x1ed;

    public override uint FuseType => Libc.S_IFDIR;

    public IEnumerable<KeyValuePair<string, TreeNode>> Entries => _entries;

    public int Count => _entries.Count;

    /// <summary>st_nlink: its name, its ".", and the ".." of each folder in it.</summary>
    public uint Links => 2 + (uint)_entries.Values.Count(entry => entry is FolderNode { IsHidden: false });

    public TreeNode? Find(string name) => _entries.GetValueOrDefault(name);

    public void Put(string name, TreeNode node)
    {
        node.Parent = this;
        _entries[name] = node;
        Modified = NodeClock.Stamp();
    }

    public bool Remove(string name)
    {
        Modified = NodeClock.Stamp();
        return _entries.Remove(name);
    }

    /// <summary>devtmpfs counts 20 bytes for each entry, "." and ".." among them (BOGO_DIRENT_SIZE, mm/shmem.c, 6.1); sysfs none.</summary>
    public override ulong Size => IsInMemory ? 20 * (2 + (ulong)_entries.Values.Count(entry => !entry.IsHidden)) : 0;

    /// <summary>Whether it is one of /dev's.</summary>
    public bool IsInMemory { get; init; }

    /// <summary>The place of a name in a list; null for the order of names.</summary>
    public Func<string, uint>? Order { get; init; }

    /// <summary>The entries that a list shows, in its order.</summary>
    public IEnumerable<KeyValuePair<string, TreeNode>> Listed
    {
        get
        {
            var shown = _entries.Where(entry => !entry.Value.IsHidden);
            return Order is { } order ? shown.OrderBy(entry => order(entry.Key)) : shown;
        }
    }

    /// <summary>Set for a folder whose entries are made up afresh at every look.</summary>
    public Action? Refresh { get; init; }
}

internal sealed class LinkNode : TreeNode
{
    public LinkNode(string target)
    {
        Target = target;
        Permissions = 0x1ff;
    }

    public string Target { get; }

    private bool _isInSysfs;

    /// <summary>A link of sysfs: kernfs says 0 for its size.</summary>
    public static LinkNode InSysfs(string target) => new(target) { _isInSysfs = true };

    public override uint FuseType => Libc.S_IFLNK;
    public override ulong Size => _isInSysfs ? 0 : (ulong)Target.Length;
}

/// <summary>A block or character device.</summary>
internal sealed class DeviceNode(bool isBlock, DeviceNumber number, Func<ulong>? size = null) : TreeNode
{
    public bool IsBlock { get; } = isBlock;
    public override uint FuseType => Libc.S_IFREG;
    public override uint TrueType => IsBlock ? Libc.S_IFBLK : Libc.S_IFCHR;
    public override DeviceNumber? Device { get; } = number;
    public override ulong Size => size?.Invoke() ?? 0;
}

/// <summary>A file whose text is made up at each opening, as in sysfs and procfs.</summary>
internal sealed class TextNode(Func<string?> text, Func<string, Errno>? write = null) : TreeNode
{
    /// <summary>What a read answers while there is no text.</summary>
    public Errno Refusal { get; init; } = Errno.EINVAL;

    public Func<string?> Text { get; } = text;
    public Func<string, Errno>? Write { get; } = write;
    public override uint FuseType => Libc.S_IFREG;
    public override ulong Size => 4096;
}

/// <summary>An ordinary file that somebody has made in /dev: it lies in memory.</summary>
internal sealed class BytesNode : TreeNode
{
    public byte[] Bytes { get; private set; } = [];
    public override uint FuseType => Libc.S_IFREG;
    public override ulong Size => (ulong)Bytes.Length;

    public void Resize(ulong length)
    {
        byte[] bytes = Bytes;
        Array.Resize(ref bytes, (int)Math.Min(length, int.MaxValue));
        Bytes = bytes;
    }
}

/// <summary>A place over which something of the host is mounted: /dev/null, /dev/pts.</summary>
internal sealed class MountPointNode : TreeNode
{
    public override uint FuseType => Libc.S_IFREG;
}
