using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// What FUSE cannot say of device nodes: that they are ones (stat), who claims one (O_EXCL), how one is made (mknod), and that it
/// may belong to a group that the user namespace does not have (chown). And what must not be heard of the host's disks: their
/// numbers, and the lists of mounts.
/// </summary>
internal sealed class PathTraps
{
    private const int AtFdcwd = Libc.AT_FDCWD;

    private readonly Simulation _simulation;
    private readonly DeviceTree _tree;
    private readonly Supervisor _supervisor;
    private readonly CallerPaths _paths;
    private readonly Claims _claims;

    public PathTraps(Simulation simulation, DeviceTree tree, Supervisor supervisor, CallerPaths paths, Claims claims)
    {
        _simulation = simulation;
        _tree = tree;
        _supervisor = supervisor;
        _paths = paths;
        _claims = claims;
        supervisor.Handle(Libc.SYS_stat, call => Stat(call, AtFdcwd, call.Argument(0), true, call.Argument(1)));
        supervisor.Handle(Libc.SYS_lstat, call => Stat(call, AtFdcwd, call.Argument(0), false, call.Argument(1)));
        supervisor.Handle(Libc.SYS_fstat, call => StatDescriptor(call, (int)call.Argument(0), call.Argument(1)));
        supervisor.Handle(Libc.SYS_newfstatat, StatAt);
        supervisor.Handle(Libc.SYS_statx, StatX);
        supervisor.Handle(Libc.SYS_lseek, Seek);
        supervisor.Handle(Libc.SYS_open, call => Open(call, AtFdcwd, call.Argument(0), (int)call.Argument(1)));
        supervisor.Handle(Libc.SYS_openat, call => Open(call, Folder(call.Argument(0)), call.Argument(1), (int)call.Argument(2)));
        supervisor.Handle(Libc.SYS_mknod, call => MakeNode(call, AtFdcwd, call.Argument(0), call.Argument(1), call.Argument(2)));
        supervisor.Handle(Libc.SYS_mknodat,
            call => MakeNode(call, Folder(call.Argument(0)), call.Argument(1), call.Argument(2), call.Argument(3)));
        supervisor.Handle(Libc.SYS_chown, call => ChangeOwner(call, AtFdcwd, call.Argument(0), true, 1));
        supervisor.Handle(Libc.SYS_lchown, call => ChangeOwner(call, AtFdcwd, call.Argument(0), false, 1));
        supervisor.Handle(Libc.SYS_fchownat, call => ChangeOwner(call, Folder(call.Argument(0)), call.Argument(1),
            (call.Argument(4) & Libc.AT_SYMLINK_NOFOLLOW) == 0, 2));
        supervisor.Handle(Libc.SYS_fchown, call =>
        {
            if (CallerPaths.Stat(call.Thread, (int)call.Argument(0), out var found) && _paths.NodeOf(found) is { } node)
                SetOwner(call, node, (uint)call.Argument(1), (uint)call.Argument(2));
            else
                _supervisor.Continue(call);
        });
    }

    private static int Folder(ulong argument) => unchecked((int)(uint)argument);

    private void StatAt(TrappedCall call)
    {
        int folder = Folder(call.Argument(0));
        int flags = (int)call.Argument(3);
        if ((flags & Libc.AT_EMPTY_PATH) != 0 && folder >= 0 && IsEmpty(call, call.Argument(1)))
            StatDescriptor(call, folder, call.Argument(2));
        else
            Stat(call, folder, call.Argument(1), (flags & Libc.AT_SYMLINK_NOFOLLOW) == 0, call.Argument(2));
    }

    private static bool IsEmpty(TrappedCall call, ulong path)
    {
        Span<byte> first = stackalloc byte[1];
        return path == 0 || (Libc.ReadMemory(call.Thread, path, first).Count == 1 && first[0] == 0);
    }

    private void StatDescriptor(TrappedCall call, int fd, ulong answer)
    {
        if (CallerPaths.Stat(call.Thread, fd, out var found))
            Answer(call, found, answer);
        else
            _supervisor.Continue(call);
    }

    private void Stat(TrappedCall call, int folder, ulong path, bool follow, ulong answer)
    {
        if (CallerPaths.ReadString(call.Thread, path) is { Length: > 0 } name
            && CallerPaths.Stat(call.Thread, folder, name, follow, out var found))
            Answer(call, found, answer);
        else
            _supervisor.Continue(call);
    }

    /// <summary>
    /// blkdev_llseek (block/fops.c, 6.1): the position of a block device is never past its end. What may be is the kernel's to do, as it
    /// keeps the position.
    /// </summary>
    private void Seek(TrappedCall call)
    {
        int fd = (int)call.Argument(0);
        if (CallerPaths.Stat(call.Thread, fd, out var found) && _paths.NodeOf(found) is { } node && SizeOfBlockDevice(node) is { } size)
        {
            ulong start = (int)call.Argument(2) == Libc.SEEK_CUR ? Processes.Position(call.Thread, fd) : 0;
            if (start + call.Argument(1) > size)
            {
                _supervisor.Fail(call, Errno.EINVAL);
                return;
            }
        }
        _supervisor.Continue(call);
    }

    private ulong? SizeOfBlockDevice(ulong id)
    {
        _simulation.Enter();
        try
        {
            return _tree.Find(id) is DeviceNode { IsBlock: true } device ? device.Size : null;
        }
        finally
        {
            _simulation.Exit();
        }
    }

    private void Answer(TrappedCall call, stat found, ulong answer)
    {
        if (_paths.NodeOf(found) is { } node ? !Describe(node, ref found) : !HostDisks.Renumber(ref found))
        {
            _supervisor.Continue(call);
            return;
        }
        var written = Libc.WriteMemory(call.Thread, answer, MemoryMarshal.AsBytes(new ReadOnlySpan<stat>(in found)));
        _supervisor.Answer(call, written.Errno == Errno.None ? Errno.None : Errno.EFAULT);
    }

    /// <summary>What stat(2) says of the node on a real machine. False for one that FUSE has described well enough.</summary>
    private bool Describe(ulong id, ref stat found)
    {
        _simulation.Enter();
        try
        {
            if (_tree.Find(id) is not { } node)
                return false;
            found.st_mode = node.TrueType | node.Permissions;
            found.st_uid = node.User;
            found.st_gid = node.Group;
            if (node.Device is { } device)
            {
                found.st_rdev = device.Encode();
                found.st_size = 0;
                found.st_blocks = 0;
            }
            return true;
        }
        finally
        {
            _simulation.Exit();
        }
    }

    private void StatX(TrappedCall call)
    {
        int folder = Folder(call.Argument(0));
        int flags = (int)call.Argument(2);
        string? name = null;
        stat found = default;
        bool there = (flags & Libc.AT_EMPTY_PATH) != 0 && folder >= 0 && IsEmpty(call, call.Argument(1))
            ? CallerPaths.Stat(call.Thread, folder, out found)
            : (name = CallerPaths.ReadString(call.Thread, call.Argument(1))) is { Length: > 0 }
                && CallerPaths.Stat(call.Thread, folder, name, (flags & Libc.AT_SYMLINK_NOFOLLOW) == 0, out found);
        statx answer = default;
        if (!there || (_paths.NodeOf(found) is { } node
            ? !Describe(node, ref found, out answer)
            : !HostDisks.IsMistakable(DeviceNumber.Decode(found.st_dev).Major)
                || !CallerPaths.StatX(call.Thread, folder, name, flags, (uint)call.Argument(3), out answer)))
        {
            _supervisor.Continue(call);
            return;
        }
        var written = Libc.WriteMemory(call.Thread, call.Argument(4), MemoryMarshal.AsBytes(new ReadOnlySpan<statx>(in answer)));
        _supervisor.Answer(call, written.Errno == Errno.None ? Errno.None : Errno.EFAULT);
    }

    private bool Describe(ulong node, ref stat found, out statx answer)
    {
        bool known = Describe(node, ref found);
        answer = ToStatx(found);
        return known;
    }

    private static statx ToStatx(stat found)
    {
        const uint basicStats = 0x7ff;
        var number = DeviceNumber.Decode(found.st_rdev);
        var system = DeviceNumber.Decode(found.st_dev);
        return new statx
        {
            stx_mask = basicStats,
            stx_blksize = (uint)found.st_blksize,
            stx_nlink = (uint)found.st_nlink,
            stx_uid = found.st_uid,
            stx_gid = found.st_gid,
            stx_mode = (ushort)found.st_mode,
            stx_ino = found.st_ino,
            stx_size = (ulong)found.st_size,
            stx_blocks = (ulong)found.st_blocks,
            stx_atime = ToStatx(found.st_atim),
            stx_ctime = ToStatx(found.st_ctim),
            stx_mtime = ToStatx(found.st_mtim),
            stx_rdev_major = number.Major,
            stx_rdev_minor = number.Minor,
            stx_dev_major = system.Major,
            stx_dev_minor = system.Minor,
        };
    }

    private static statx_timestamp ToStatx(timespec time) => new() { tv_sec = time.tv_sec, tv_nsec = (uint)time.tv_nsec };

    /// <summary>What ld.so(8) opens first.</summary>
    private const string LoaderCache = "/etc/ld.so.cache";

    /// <summary>Called when a program has just begun: its only thread, which stands still meanwhile.</summary>
    public Action<uint>? ProgramBegins { get; init; }

    private void Open(TrappedCall call, int folder, ulong path, int flags)
    {
        if ((flags & (Libc.O_ACCMODE | Libc.O_CREAT)) != Libc.O_RDONLY)
            NodeClock.WaitForNewerFiles();
        // With O_CREAT it is about making files.
        if ((flags & (Libc.O_EXCL | Libc.O_CREAT)) == Libc.O_EXCL)
            OpenExclusive(call, folder, path);
        else if (CallerPaths.ReadString(call.Thread, path) is not { } name)
            _supervisor.Continue(call);
        else if (HostDisks.MountsFile(name) is { } mounts)
            OpenMounts(call, mounts, flags);
        else if ((flags & (Libc.O_ACCMODE | Libc.O_CREAT)) == Libc.O_RDONLY && _tree.TextOfMissing(name) is { } missing)
            GiveText(call, name, missing, flags);
        else
        {
            if (name == LoaderCache)
                ProgramBegins?.Invoke(call.Thread);
            _supervisor.Continue(call);
        }
    }

    /// <summary>A file with the mounts as the machine has them, put into the caller's table of descriptors. A kernel before 5.14 shows those of the host.</summary>
    private void OpenMounts(TrappedCall call, string mounts, int flags)
    {
        string text = HostDisks.Rewrite(Processes.ReadAll($"{call.Thread}/{mounts[(mounts.LastIndexOf('/') + 1)..]}"));
        if (text.Length == 0)
            _supervisor.Continue(call);
        else
            GiveText(call, "mounts", text, flags);
    }

    /// <summary>An open file of this text, put into the caller's table of descriptors.</summary>
    private void GiveText(TrappedCall call, string name, string text, int flags)
    {
        if (Libc.MakeMemoryFile(name, Encoding.UTF8.GetBytes(text), out int file) != Errno.None)
        {
            _supervisor.Continue(call);
            return;
        }
        if (!_supervisor.GiveFile(call, file, (uint)(flags & Libc.O_CLOEXEC)))
            _supervisor.Continue(call);
        Libc.Close(file);
    }

    /// <summary>The opening itself is the kernel's; it comes to us as FUSE's OPEN of the same thread.</summary>
    private void OpenExclusive(TrappedCall call, int folder, ulong path)
    {
        if (CallerPaths.ReadString(call.Thread, path) is { Length: > 0 } name
            && CallerPaths.Stat(call.Thread, folder, name, true, out var found) && _paths.NodeOf(found) is { } node)
            _claims.Add(call.Thread, node);
        _supervisor.Continue(call);
    }

    private void MakeNode(TrappedCall call, int folder, ulong path, ulong mode, ulong device)
    {
        if (CallerPaths.ReadString(call.Thread, path) is not { Length: > 0 } name || _paths.Split(call.Thread, folder, name) is not { } place
            || !_supervisor.IsValid(call))
        {
            _supervisor.Continue(call);
            return;
        }
        var errno = Errno.None;
        _simulation.Enter();
        if (_tree.Find(place.Folder) is not FolderNode parent)
            errno = Errno.ENOTDIR;
        else if (parent.Find(place.Name) is not null)
            errno = Errno.EEXIST;
        else
            _tree.MakeNode(parent, place.Name, (mode & Libc.S_IFMT) == Libc.S_IFBLK, DeviceNumber.Decode(device),
                (uint)mode & 0xfff & ~Umask(call.Thread));
        _simulation.Exit();
        _supervisor.Answer(call, errno);
    }

    private static uint Umask(uint thread)
    {
        string status = Processes.Read($"{thread}/status");
        int at = status.IndexOf("Umask:", StringComparison.Ordinal);
        return at < 0 ? 0x12 : Convert.ToUInt32(status[(at + 6)..status.IndexOf('\n', at)].Trim(), 8);
    }

    private void ChangeOwner(TrappedCall call, int folder, ulong path, bool follow, int firstId)
    {
        if (CallerPaths.ReadString(call.Thread, path) is { Length: > 0 } name
            && CallerPaths.Stat(call.Thread, folder, name, follow, out var found) && _paths.NodeOf(found) is { } node)
            SetOwner(call, node, (uint)call.Argument(firstId), (uint)call.Argument(firstId + 1));
        else
            _supervisor.Continue(call);
    }

    private void SetOwner(TrappedCall call, ulong id, uint user, uint group)
    {
        const uint same = uint.MaxValue;
        _simulation.Enter();
        if (_tree.Find(id) is { } node)
        {
            if (user != same)
                node.User = user;
            if (group != same)
                node.Group = group;
        }
        _simulation.Exit();
        _supervisor.Return(call, 0);
    }
}
