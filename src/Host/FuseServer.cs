using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// Serves the tree through /dev/fuse. There is one reader, so that requests are taken in the order in which the kernel queued them:
/// a look at a file is answered after every earlier close.
/// </summary>
internal sealed partial class FuseServer
{
    public const int MaxWrite = 1 << 20;
    private const int BufferSize = MaxWrite + 4096;

    private readonly int _fd;
    private readonly Simulation _simulation;
    private readonly DeviceTree _tree;
    private readonly Claims _claims;
    private readonly ProgramsInside _programs;
    private readonly ConcurrentBag<byte[]> _buffers = [];
    private readonly ConcurrentDictionary<ulong, Waiting> _waiting = new();
    private readonly Dictionary<ulong, OpenFile> _files = [];
    private ulong _lastFile;

    /// <summary>A request that is not answered yet.</summary>
    /// <param name="IsDeaf">A sleep that no signal ends, not even SIGKILL.</param>
    private sealed record Waiting(uint Process, bool IsDeaf);

    public FuseServer(int fd, Simulation simulation, DeviceTree tree, Claims claims, ProgramsInside programs)
    {
        _programs = programs;
        _fd = fd;
        _simulation = simulation;
        _tree = tree;
        _claims = claims;
    }

    /// <summary>Threads whose request has not been answered yet.</summary>
    public IEnumerable<uint> WaitingProcesses => _waiting.Values.Select(waiting => waiting.Process);

    /// <summary>How many requests have come so far.</summary>
    public long Served => Volatile.Read(ref _served);

    private long _served;

    /// <summary>Whether a request lies there or is being worked on.</summary>
    public bool IsBusy => Volatile.Read(ref _busy) || Libc.Poll(_fd, Libc.POLLIN, 0) || Processes.IsAwake(Volatile.Read(ref _server));

    /// <summary>The thread that serves. When it is not asleep it may have read a request of which nobody else can know yet.</summary>
    private int _server;

    private bool _busy;

    /// <summary>Until the file system is unmounted.</summary>
    public void Serve()
    {
        byte[] buffer = Rent();
        Volatile.Write(ref _server, Libc.ThreadId);
        while (true)
        {
            var result = Libc.Read(_fd, buffer);
            switch (result.Errno)
            {
                case Errno.EINTR or Errno.EAGAIN or Errno.ENOENT:
                    continue;
                case Errno.None:
                    break;
                default:
                    return;
            }
            Volatile.Write(ref _busy, true);
            Interlocked.Increment(ref _served);
            if (!Dispatch(buffer, result.Count))
                buffer = Rent();
            Volatile.Write(ref _busy, false);
        }
    }

    private byte[] Rent() => _buffers.TryTake(out byte[]? spare) ? spare : GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    private static T Take<T>(ReadOnlySpan<byte> bytes) where T : unmanaged => MemoryMarshal.Read<T>(bytes);

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Answers a request, now or later. False when the buffer is still in use by one that waits.</summary>
    private bool Dispatch(byte[] buffer, int count)
    {
        var header = Take<fuse_in_header>(buffer);
        var body = buffer.AsSpan(Unsafe.SizeOf<fuse_in_header>(), count - Unsafe.SizeOf<fuse_in_header>());
        switch ((fuse_opcode)header.opcode)
        {
            case fuse_opcode.FUSE_READ:
                Read(header, Take<fuse_read_in>(body));
                return true;
            case fuse_opcode.FUSE_WRITE:
                return Write(header, Take<fuse_write_in>(body), buffer);
            case fuse_opcode.FUSE_FORGET or fuse_opcode.FUSE_BATCH_FORGET or fuse_opcode.FUSE_DESTROY:
                return true;
            case fuse_opcode.FUSE_INTERRUPT:
                Interrupt(Take<fuse_interrupt_in>(body).unique);
                return true;
            case fuse_opcode.FUSE_INIT:
                Init(header, Take<fuse_init_in>(body));
                return true;
        }
        _simulation.Enter();
        try
        {
            DispatchInside(header, body);
        }
        finally
        {
            _simulation.Exit();
        }
        return true;
    }

    private void DispatchInside(fuse_in_header header, Span<byte> body)
    {
        var node = _tree.Find(header.nodeid);
        if (node is null)
        {
            Fail(header, Errno.ENOENT);
            return;
        }
        switch ((fuse_opcode)header.opcode)
        {
            case fuse_opcode.FUSE_LOOKUP:
                LookUp(header, node, Name(body));
                break;
            case fuse_opcode.FUSE_GETATTR:
                Reply(header, Attributes(node));
                break;
            case fuse_opcode.FUSE_SETATTR:
                SetAttributes(header, node, Take<fuse_setattr_in>(body));
                break;
            case fuse_opcode.FUSE_READLINK:
                if (node is LinkNode link)
                    ReplyBytes(header, Encoding.UTF8.GetBytes(link.Target));
                else
                    Fail(header, Errno.EINVAL);
                break;
            case fuse_opcode.FUSE_OPEN or fuse_opcode.FUSE_OPENDIR:
                Open(header, node, Take<fuse_open_in>(body));
                break;
            case fuse_opcode.FUSE_RELEASE or fuse_opcode.FUSE_RELEASEDIR:
                Release(header, Take<fuse_release_in>(body).fh);
                break;
            case fuse_opcode.FUSE_FLUSH:
                Flush(header, node, File(Take<fuse_flush_in>(body).fh));
                break;
            case fuse_opcode.FUSE_READDIR:
                ReadFolder(header, Take<fuse_read_in>(body));
                break;
            case fuse_opcode.FUSE_FSYNC:
                WhenDone(header, File(Take<fuse_fsync_in>(body).fh).SyncAsync(), isDeaf: true);
                break;
            case fuse_opcode.FUSE_FALLOCATE:
                var range = Take<fuse_fallocate_in>(body);
                WhenDone(header, File(range.fh).FallocateAsync((int)range.mode, range.offset, range.length));
                break;
            case fuse_opcode.FUSE_LSEEK:
                var seek = Take<fuse_lseek_in>(body);
                var errno = File(seek.fh).Seek(seek.offset, (int)seek.whence, out ulong at);
                if (errno == Errno.None)
                    Reply(header, new fuse_lseek_out { offset = at });
                else
                    Fail(header, errno);
                break;
            case fuse_opcode.FUSE_ACCESS:
                // generic_permission (fs/namei.c): even root runs only what somebody may run. He is the only one here.
                bool toRun = (Take<fuse_access_in>(body).mask & Libc.X_OK) != 0;
                Fail(header, toRun && node is not FolderNode && (node.Permissions & 0x49) == 0 ? Errno.EACCES : Errno.None);
                break;
            case fuse_opcode.FUSE_STATFS:
                Reply(header, new fuse_kstatfs { bsize = 4096, frsize = 4096, namelen = 255, blocks = 1 << 10, bfree = 1 << 9, bavail = 1 << 9 });
                break;
            default:
                ChangeFolder(header, node, body);
                break;
        }
    }

    private OpenFile File(ulong handle) => _files[handle];

    private void Init(fuse_in_header header, fuse_init_in asked)
    {
        const uint wanted = Libc.FUSE_ASYNC_READ | Libc.FUSE_ATOMIC_O_TRUNC | Libc.FUSE_BIG_WRITES | Libc.FUSE_ASYNC_DIO | Libc.FUSE_PARALLEL_DIROPS | Libc.FUSE_MAX_PAGES;
        Send(header, new fuse_init_out
        {
            major = Libc.FUSE_KERNEL_VERSION,
            minor = Math.Min(asked.minor, 36),
            max_readahead = asked.max_readahead,
            flags = wanted & asked.flags,
            // Closes are background requests: none may wait for another.
            max_background = 4096,
            congestion_threshold = 4096,
            max_write = MaxWrite,
            time_gran = 1,
            max_pages = MaxWrite / 4096,
        });
    }

    /// <summary>
    /// A signal for who waits. Only one that ends him counts: the kernel's sleeps here are killable at most, and those for direct I/O or for
    /// a flush not even that. Others go unheard.
    /// </summary>
    private void Interrupt(ulong unique)
    {
        if (!_waiting.TryGetValue(unique, out var waiting) || !Processes.IsBeingKilled(waiting.Process))
            return;
        if (waiting.IsDeaf && !_programs.AreEnding)
            ReleaseDeafAtTheEnd();
        else if (_waiting.TryRemove(unique, out _))
            SendError(unique, Errno.EINTR);
    }

    private int _watchesEnd;

    /// <summary>Nobody would tell us of the end: it waits for those who wait here.</summary>
    private void ReleaseDeafAtTheEnd()
    {
        if (Interlocked.Exchange(ref _watchesEnd, 1) == 0)
            new Thread(() =>
            {
                while (!_programs.AreEnding)
                    Thread.Sleep(EndLook);
                foreach (ulong unique in _waiting.Keys)
                    if (_waiting.TryRemove(unique, out _))
                        SendError(unique, Errno.EINTR);
            }) { IsBackground = true, Name = "end" }.Start();
    }

    private static readonly TimeSpan EndLook = TimeSpan.FromMilliseconds(20);

    // Answers. Those that are sent inside the simulation go out after it, with Reply and Fail; Send and SendError are at once.

    private void Reply<T>(fuse_in_header header, T answer) where T : unmanaged =>
        _simulation.AfterExit(() => Send(header, answer));

    private void ReplyBytes(fuse_in_header header, byte[] answer) => _simulation.AfterExit(() =>
    {
        byte[] message = new byte[Unsafe.SizeOf<fuse_out_header>() + answer.Length];
        answer.CopyTo(message, Unsafe.SizeOf<fuse_out_header>());
        SendMessage(header.unique, message);
    });

    private void Fail(fuse_in_header header, Errno errno) => _simulation.AfterExit(() => SendError(header.unique, errno));

    private void WhenDone(fuse_in_header header, ValueTask<Errno> work, bool isDeaf = false)
    {
        if (!work.IsCompleted)
            _waiting[header.unique] = new Waiting(header.pid, isDeaf);
        _simulation.WhenDone(work, errno =>
        {
            if (_waiting.TryRemove(header.unique, out _) || work.IsCompletedSuccessfully)
                SendError(header.unique, errno);
        });
    }

    private void Send<T>(fuse_in_header header, T answer) where T : unmanaged
    {
        Span<byte> message = stackalloc byte[Unsafe.SizeOf<fuse_out_header>() + Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(message[Unsafe.SizeOf<fuse_out_header>()..], answer);
        SendMessage(header.unique, message);
    }

    /// <summary>An answer without contents: an errno, or plain success.</summary>
    private void SendError(ulong unique, Errno errno)
    {
        var answer = new fuse_out_header { len = (uint)Unsafe.SizeOf<fuse_out_header>(), error = -(int)errno, unique = unique };
        // ENOENT: whoever asked is gone.
        _ = Libc.Write(_fd, MemoryMarshal.AsBytes(new ReadOnlySpan<fuse_out_header>(in answer)));
    }

    private void SendMessage(ulong unique, Span<byte> message)
    {
        MemoryMarshal.Write(message, new fuse_out_header { len = (uint)message.Length, unique = unique });
        _ = Libc.Write(_fd, message);
    }
}

/// <summary>Who is about to open which node exclusively: FUSE is not told of O_EXCL.</summary>
internal sealed class Claims
{
    private readonly ConcurrentDictionary<uint, ulong> _byThread = new();

    public void Add(uint thread, ulong node) => _byThread[thread] = node;

    public bool Take(uint thread, ulong node) => _byThread.TryRemove(thread, out ulong claimed) && claimed == node;
}
