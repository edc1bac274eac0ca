using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>A user's own file behind a loop device: opened once more, so that it stays when the descriptor is closed.</summary>
internal sealed unsafe class HostFile : IBackingFile
{
    private int _fd = -1;
    private bool _claimed;

    /// <summary>Answered for a file that another machine has.</summary>
    public static HostFile InUse { get; } = new();

    private readonly string? _nodePath;

    public string Path => _nodePath ?? (Libc.ReadLink(Processes.Proc, $"self/fd/{_fd}", out string path) == Errno.None ? path : "");
    private readonly ulong _device;

    public ulong Device
    {
        get => HostDisks.Renumber(_device);
        private init => _device = value;
    }

    public ulong Inode { get; private init; }
    public bool IsRegular { get; private init; }
    public bool IsWritable { get; private init; }
    public DeviceNumber? Node { get; private init; }

    /// <summary>A device node of the machine itself.</summary>
    /// <param name="inode">The node's number in /dev.</param>
    /// <param name="path">Where it lies.</param>
    public static HostFile OfNode(DeviceNumber node, bool writable, ulong inode, string path) =>
        new(path) { Node = node, IsWritable = writable, Device = DevtmpfsDevice, Inode = inode };

    private HostFile(string? nodePath = null) => _nodePath = nodePath;

    /// <summary>st_dev of devtmpfs, the fifth file system that has no device of its own.</summary>
    private const ulong DevtmpfsDevice = 5;

    /// <summary>The file that a thread has open; null when it cannot be opened in the same way again.</summary>
    public static HostFile? Open(uint thread, int fd, stat found)
    {
        if ((found.st_mode & Libc.S_IFMT) != Libc.S_IFREG)
            return new HostFile();
        int access = Processes.OpenFlags(thread, fd) & Libc.O_ACCMODE;
        if (Libc.OpenAt(Processes.Proc, $"{thread}/fd/{fd}", access | Libc.O_CLOEXEC, out int own) != Errno.None)
            return null;
        if (!FileClaims.Take(own, found.st_dev, found.st_ino, access != Libc.O_RDONLY))
        {
            Libc.ReadLink(Processes.Proc, $"self/fd/{own}", out string path);
            Console.Error.WriteLine($"dmsim: {path} is behind a loop device of another simulated machine, and what two kernels write to one file "
                + "ruins it: detach it there first, join that shell with 'dmsim sh --attach', or take a copy.");
            Libc.Close(own);
            return InUse;
        }
        return new HostFile
        {
            _fd = own,
            _claimed = true,
            Device = found.st_dev,
            Inode = found.st_ino,
            IsRegular = true,
            IsWritable = access != Libc.O_RDONLY,
        };
    }

    public ulong Length => Libc.Stat(_fd, "", Libc.AT_EMPTY_PATH, out var found) == Errno.None ? (ulong)found.st_size : 0;

    private int _begun;

    public bool TryWriteLater(ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written)
    {
        if (FileWriter.Running is not { } writer)
            return false;
        Interlocked.Increment(ref _begun);
        writer.Add(this, offset, pieces, errno =>
        {
            Interlocked.Decrement(ref _begun);
            written(errno);
        });
        return true;
    }

    public void Settle()
    {
        if (Volatile.Read(ref _begun) > 0)
            FileWriter.Running?.Settle();
    }

    public IoResult Read(ulong offset, Span<byte> data)
    {
        Settle();
        int read = 0;
        while (!data.IsEmpty)
        {
            IoResult result;
            fixed (byte* p = data)
                result = Libc.PositionalRead(_fd, p, data.Length, offset);
            if (result.Errno == Errno.EINTR)
                continue;
            if (result.Errno != Errno.None)
                return result;
            if (result.Count == 0)
            {
                data.Clear();
                break;
            }
            data = data[result.Count..];
            offset += (ulong)result.Count;
            read += result.Count;
        }
        return IoResult.Ok(read);
    }

    public Errno Write(ulong offset, ReadOnlySpan<byte> data)
    {
        Settle();
        return WriteNow(offset, data);
    }

    /// <summary>Whatever else has been begun.</summary>
    internal Errno WriteNow(ulong offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            IoResult result;
            fixed (byte* p = data)
                result = Libc.PositionalWrite(_fd, p, data.Length, offset);
            if (result.Errno == Errno.EINTR)
                continue;
            if (result.Errno != Errno.None)
                return result.Errno;
            data = data[result.Count..];
            offset += (ulong)result.Count;
        }
        return Errno.None;
    }

    public Errno PunchHole(ulong offset, ulong length)
    {
        Settle();
        ulong end = Length;
        if (offset >= end)
            return Errno.None;
        length = Math.Min(length, end - offset);
        var errno = Libc.Fallocate(_fd, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, offset, length);
        return errno == Errno.EOPNOTSUPP ? WriteZeros(offset, length) : errno;
    }

    /// <summary>A file system without holes: the range reads as zeros all the same.</summary>
    private Errno WriteZeros(ulong offset, ulong length)
    {
        byte[] zeros = new byte[1 << 20];
        while (length > 0)
        {
            int count = (int)Math.Min(length, (ulong)zeros.Length);
            var errno = Write(offset, zeros.AsSpan(0, count));
            if (errno != Errno.None)
                return errno;
            offset += (ulong)count;
            length -= (ulong)count;
        }
        return Errno.None;
    }

    public void Dispose()
    {
        Settle();
        int closing = Interlocked.Exchange(ref _fd, -1);
        if (closing >= 0)
            Libc.Close(closing);
        if (closing >= 0 && _claimed)
            FileClaims.Leave(_device, Inode);
    }
}
