using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>What each request does to the tree and to its open files.</summary>
internal sealed partial class FuseServer
{
    private const uint PermissionBits = 0xfff;

    private fuse_attr Attribute(TreeNode node) => new()
    {
        ino = node.Id,
        size = node is DeviceNode { Device: { } device } && device == DeviceTree.Kmsg ? KmsgFile.End : node.Size,
        atime = (ulong)node.Modified.tv_sec,
        mtime = (ulong)node.Modified.tv_sec,
        ctime = (ulong)node.Modified.tv_sec,
        atimensec = (uint)node.Modified.tv_nsec,
        mtimensec = (uint)node.Modified.tv_nsec,
        ctimensec = (uint)node.Modified.tv_nsec,
        mode = node.FuseType | node.Permissions,
        nlink = node is FolderNode folder ? folder.Links : 1,
        // Users and groups of the simulated machine need not be in the user namespace, and then the kernel refuses to touch the
        // file; stat(2) is told the true ones elsewhere.
        uid = 0,
        gid = 0,
        blksize = 4096,
    };

    private fuse_attr_out Attributes(TreeNode node) => new() { attr = Attribute(node) };

    private void ReplyEntry(fuse_in_header header, TreeNode node) =>
        Reply(header, new fuse_entry_out { nodeid = node.Id, attr = Attribute(node) });

    private void LookUp(fuse_in_header header, TreeNode parent, string name)
    {
        if (parent is not FolderNode folder)
        {
            Fail(header, Errno.ENOTDIR);
            return;
        }
        folder.Refresh?.Invoke();
        if (folder.Find(name) is { } node)
            ReplyEntry(header, node);
        else
            Fail(header, Errno.ENOENT);
    }

    private void SetAttributes(fuse_in_header header, TreeNode node, fuse_setattr_in asked)
    {
        // do_sys_ftruncate (fs/open.c): a device's size is not the caller's to set. O_TRUNC means nothing to it, and comes with the opening.
        if ((asked.valid & Libc.FATTR_SIZE) != 0 && node.Device is not null)
        {
            Fail(header, Errno.EINVAL);
            return;
        }
        if ((asked.valid & Libc.FATTR_MODE) != 0)
            node.Permissions = asked.mode & PermissionBits;
        if ((asked.valid & Libc.FATTR_UID) != 0)
            node.User = asked.uid;
        if ((asked.valid & Libc.FATTR_GID) != 0)
            node.Group = asked.gid;
        if ((asked.valid & Libc.FATTR_SIZE) != 0 && node is BytesNode bytes)
            bytes.Resize(asked.size);
        Reply(header, Attributes(node));
    }

    private void Open(fuse_in_header header, TreeNode node, fuse_open_in asked)
    {
        var errno = OpenNode(header, node, (int)asked.flags, out var file);
        if (errno != Errno.None)
        {
            Fail(header, errno);
            return;
        }
        _files.Add(++_lastFile, file!);
        Reply(header, new fuse_open_out
        {
            fh = _lastFile,
            open_flags = node switch
            {
                FolderNode => 0,
                // Who writes to a device does not wait for another who does.
                DeviceNode { IsBlock: true } => Libc.FOPEN_DIRECT_IO | Libc.FOPEN_PARALLEL_DIRECT_WRITES,
                _ => Libc.FOPEN_DIRECT_IO | Libc.FOPEN_NOFLUSH,
            },
        });
    }

    private Errno OpenNode(fuse_in_header header, TreeNode node, int flags, out OpenFile? file)
    {
        file = null;
        switch (node)
        {
            case FolderNode folder:
                folder.Refresh?.Invoke();
                file = new FolderFile([(".", folder), ("..", folder.Parent ?? folder),
                    .. folder.Listed.Select(entry => (entry.Key, entry.Value))]);
                return Errno.None;
            case DeviceNode { IsBlock: true, Device: { } number }:
                return OpenBlock(header, node, number, flags, out file);
            case DeviceNode { Device: { } number } when number == DeviceTree.Kmsg:
                file = new KmsgFile(_simulation);
                return Errno.None;
            case DeviceNode { Device: { } number } when number == DeviceTree.Control || number == DeviceTree.LoopControl:
                file = new ControlFile();
                return Errno.None;
            case AskNode ask:
                file = new AskFile(ask, header.pid);
                return Errno.None;
            case TextNode text:
                // KERNFS_ROOT_EXTRA_OPEN_PERM_CHECK: root, too, cannot write to what cannot be written.
                if ((flags & Libc.O_ACCMODE) != Libc.O_RDONLY && text.Write is null)
                    return Errno.EACCES;
                file = new TextFile(text, text.Text() is { } contents ? Encoding.Latin1.GetBytes(contents) : null);
                return Errno.None;
            case BytesNode bytes:
                if ((flags & Libc.O_TRUNC) != 0)
                    bytes.Resize(0);
                file = new BytesFile(bytes);
                return Errno.None;
            default:
                return Errno.ENXIO;
        }
    }

    private Errno OpenBlock(fuse_in_header header, TreeNode node, DeviceNumber number, int flags, out OpenFile? file)
    {
        var mode = (flags & Libc.O_ACCMODE) switch
        {
            Libc.O_RDONLY => OpenMode.Read,
            Libc.O_WRONLY => OpenMode.Write,
            _ => OpenMode.ReadWrite,
        };
        if (_claims.Take(header.pid, node.Id))
            mode |= OpenMode.Exclusive;
        var errno = _simulation.Machine.OpenNode(number, mode, out var handle);
        file = handle is null ? null : new BlockFile(handle, TellOfWrites(header.pid, number, mode));
        if (handle is not null)
            _handles.Add((header.pid, node.Id, mode, handle));
        return errno;
    }

    /// <summary>When a file is closed, who opened it may be gone: his name is taken now.</summary>
    private Action<ulong>? TellOfWrites(uint process, DeviceNumber number, OpenMode mode)
    {
        if (_simulation.Observer is not { } observer || (mode & OpenMode.Write) == 0)
            return null;
        var caller = new HostCaller(process, Processes.NameOf(process));
        return bytes => observer.Wrote(caller, _tree.NameOf(number), bytes);
    }

    /// <summary>The open files of block devices: who opened them, and how.</summary>
    private readonly List<(uint Process, ulong Node, OpenMode Mode, IDeviceNode Handle)> _handles = [];

    /// <summary>
    /// An open handle on the node, for an ioctl: its descriptor tells the node and the access mode, not the open file. Of several
    /// that fit, the latest of the same thread comes first, then one that claims the device.
    /// </summary>
    public IDeviceNode? HandleOn(uint process, ulong node, OpenMode? access)
    {
        IDeviceNode? best = null;
        int bestScore = -1;
        foreach (var (owner, of, mode, handle) in _handles)
        {
            if (of != node)
                continue;
            int score = (access is null || (mode & OpenMode.ReadWrite) == access ? 4 : 0) + (owner == process ? 2 : 0)
                + ((mode & OpenMode.Exclusive) != 0 ? 1 : 0);
            if (score < bestScore)
                continue;
            best = handle;
            bestScore = score;
        }
        return best;
    }

    /// <summary>
    /// close(2) of one descriptor. Whoever closes the last one of a device waits until that is written back; the kernel's own word for
    /// it, RELEASE, nobody waits for. What lets us tell is that nobody inside has a descriptor on the device any more.
    /// </summary>
    private void Flush(fuse_in_header header, TreeNode node, OpenFile file)
    {
        if (file is BlockFile { WritesBackAtClose: true } block && !_programs.IsOpen(node.Id))
            WhenDone(header, block.WriteBackAsync(), isDeaf: true);
        else
            Fail(header, Errno.None);
    }

    private void Release(fuse_in_header header, ulong handle)
    {
        if (_files.Remove(handle, out var file))
        {
            if (file is BlockFile block)
                _handles.RemoveAll(open => block.IsOver(open.Handle));
            file.Close();
        }
        Fail(header, Errno.None);
    }

    private void ReadFolder(fuse_in_header header, fuse_read_in asked)
    {
        if (File(asked.fh) is not FolderFile folder)
        {
            Fail(header, Errno.ENOTDIR);
            return;
        }
        byte[] listing = new byte[Math.Min(asked.size, MaxWrite)];
        int used = 0;
        for (int i = (int)asked.offset; i < folder.Entries.Count; i++)
        {
            var (name, node) = folder.Entries[i];
            byte[] text = Encoding.UTF8.GetBytes(name);
            int size = (Unsafe.SizeOf<fuse_dirent>() + text.Length + 7) & ~7;
            if (used + size > listing.Length)
                break;
            MemoryMarshal.Write(listing.AsSpan(used),
                new fuse_dirent { ino = node.Id, off = (ulong)i + 1, namelen = (uint)text.Length, type = node.TrueType >> 12 });
            text.CopyTo(listing, used + Unsafe.SizeOf<fuse_dirent>());
            used += size;
        }
        ReplyBytes(header, listing[..used]);
    }

    private void Read(fuse_in_header header, fuse_read_in asked)
    {
        byte[] answer = Rent();
        int start = Unsafe.SizeOf<fuse_out_header>();
        var data = answer.AsMemory(start, (int)Math.Min(asked.size, MaxWrite));
        _simulation.EnterFor(header.pid);
        var work = File(asked.fh).ReadAsync(asked.offset, data, (int)asked.flags);
        if (!work.IsCompletedSuccessfully)
        {
            _waiting[header.unique] = new Waiting(header.pid, (asked.flags & Libc.O_DIRECT) != 0);
            _simulation.WhenDone(work, result =>
            {
                if (_waiting.TryRemove(header.unique, out _))
                    SendRead(header, answer, result);
                _buffers.Add(answer);
            });
            _simulation.Exit();
            return;
        }
        _simulation.Exit();
        SendRead(header, answer, work.Result);
        _buffers.Add(answer);
    }

    private void SendRead(fuse_in_header header, byte[] answer, IoResult result)
    {
        if (result.Errno != Errno.None)
            SendError(header.unique, result.Errno);
        else
            SendMessage(header.unique, answer.AsSpan(0, Unsafe.SizeOf<fuse_out_header>() + result.Count));
    }

    private bool Write(fuse_in_header header, fuse_write_in asked, byte[] buffer)
    {
        var data = buffer.AsMemory(Unsafe.SizeOf<fuse_in_header>() + Unsafe.SizeOf<fuse_write_in>(), (int)asked.size);
        _simulation.EnterFor(header.pid);
        ulong offset = asked.offset;
        if ((asked.flags & Libc.O_APPEND) != 0 && File(asked.fh) is BlockFile block)
            offset = block.PlaceAppended(offset, Processes.AppendPosition(header.pid, header.nodeid), asked.size);
        var work = File(asked.fh).WriteAsync(offset, data, (int)asked.flags);
        if (!work.IsCompletedSuccessfully)
        {
            _waiting[header.unique] = new Waiting(header.pid, (asked.flags & Libc.O_DIRECT) != 0);
            _simulation.WhenDone(work, result =>
            {
                if (_waiting.TryRemove(header.unique, out _))
                    SendWritten(header, result);
                _buffers.Add(buffer);
            });
            _simulation.Exit();
            return false;
        }
        _simulation.Exit();
        SendWritten(header, work.Result);
        return true;
    }

    private void SendWritten(fuse_in_header header, IoResult result)
    {
        if (result.Errno != Errno.None)
            SendError(header.unique, result.Errno);
        else
            Send(header, new fuse_write_out { size = (uint)result.Count });
    }

    /// <summary>mknod, mkdir, symlink, unlink, rmdir, rename.</summary>
    private void ChangeFolder(fuse_in_header header, TreeNode node, ReadOnlySpan<byte> body)
    {
        if (node is not FolderNode folder)
        {
            Fail(header, Errno.ENOSYS);
            return;
        }
        // Nothing is made or taken away there by programs: kernfs_dir_iops (fs/kernfs/dir.c, 6.1) has no create, unlink or symlink.
        if (_tree.IsOfSysfs(folder))
        {
            bool isFile = (fuse_opcode)header.opcode == fuse_opcode.FUSE_CREATE
                || ((fuse_opcode)header.opcode == fuse_opcode.FUSE_MKNOD && (Take<fuse_mknod_in>(body).mode & Libc.S_IFMT) == Libc.S_IFREG);
            Fail(header, isFile ? Errno.EACCES : Errno.EPERM);
            return;
        }
        switch ((fuse_opcode)header.opcode)
        {
            case fuse_opcode.FUSE_MKNOD:
                var made = Take<fuse_mknod_in>(body);
                Make(header, folder, Name(body[Unsafe.SizeOf<fuse_mknod_in>()..]), new BytesNode { Permissions = made.mode & PermissionBits });
                break;
            case fuse_opcode.FUSE_MKDIR:
                var folderMode = Take<fuse_mkdir_in>(body);
                Make(header, folder, Name(body[Unsafe.SizeOf<fuse_mkdir_in>()..]),
                    new FolderNode { Permissions = folderMode.mode & PermissionBits, IsInMemory = folder.IsInMemory });
                break;
            case fuse_opcode.FUSE_SYMLINK:
                string name = Name(body);
                Make(header, folder, name, new LinkNode(Name(body[(Encoding.UTF8.GetByteCount(name) + 1)..])));
                break;
            case fuse_opcode.FUSE_UNLINK:
                Fail(header, folder.Remove(Name(body)) ? Errno.None : Errno.ENOENT);
                break;
            case fuse_opcode.FUSE_RMDIR:
                Fail(header, RemoveFolder(folder, Name(body)));
                break;
            case fuse_opcode.FUSE_RENAME:
                Rename(header, folder, Take<fuse_rename_in>(body).newdir, 0, body[Unsafe.SizeOf<fuse_rename_in>()..]);
                break;
            case fuse_opcode.FUSE_RENAME2:
                var rename = Take<fuse_rename2_in>(body);
                Rename(header, folder, rename.newdir, rename.flags, body[Unsafe.SizeOf<fuse_rename2_in>()..]);
                break;
            default:
                Fail(header, Errno.ENOSYS);
                break;
        }
    }

    private void Make(fuse_in_header header, FolderNode folder, string name, TreeNode node)
    {
        if (folder.Find(name) is not null)
        {
            Fail(header, Errno.EEXIST);
            return;
        }
        node.User = header.uid;
        _tree.Put(folder, name, node);
        ReplyEntry(header, node);
    }

    private static Errno RemoveFolder(FolderNode folder, string name)
    {
        if (folder.Find(name) is not FolderNode child)
            return folder.Find(name) is null ? Errno.ENOENT : Errno.ENOTDIR;
        if (child.Count > 0)
            return Errno.ENOTEMPTY;
        folder.Remove(name);
        return Errno.None;
    }

    private void Rename(fuse_in_header header, FolderNode from, ulong to, uint flags, ReadOnlySpan<byte> names)
    {
        string oldName = Name(names);
        string newName = Name(names[(Encoding.UTF8.GetByteCount(oldName) + 1)..]);
        const uint noReplace = 1;
        if ((flags & ~noReplace) != 0 || _tree.Find(to) is not FolderNode folder || from.Find(oldName) is not { } node)
        {
            Fail(header, Errno.EINVAL);
            return;
        }
        if ((flags & noReplace) != 0 && folder.Find(newName) is not null)
        {
            Fail(header, Errno.EEXIST);
            return;
        }
        from.Remove(oldName);
        folder.Put(newName, node);
        Fail(header, Errno.None);
    }
}
