using System.Buffers;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// The running Linux as a machine: every call is the system call of that name. Calls that may sleep in the kernel run on threads of
/// their own; all others are made at once on the caller's.
/// </summary>
public sealed class LocalMachine : IMachine
{
    /// <summary>The kernel's log names the thread that submits a bio; all calls come from threads of one name.</summary>
    public const string ThreadName = "dmsim";

    private readonly int _control;
    private readonly DeviceNodes _nodes;
    private readonly LocalLoops _loops;
    private readonly KmsgReader _log;
    private readonly UeventReader _uevents;
    private readonly QueueFiles _queueFiles = new();
    private readonly CallWorkers _workers = new();
    private readonly Action<bool>? _suspending;

    private LocalMachine(int control, DeviceNodes nodes, LocalFolders folders, Action<bool>? suspending, Action? attached)
    {
        _control = control;
        _suspending = suspending;
        _nodes = nodes;
        _loops = new LocalLoops(nodes, folders.Stores, _workers, attached);
        _log = KmsgReader.Open();
        _uevents = UeventReader.Open();
    }

    /// <summary>Opens the control node, the log and the socket for uevents. What is there already stays as it is.</summary>
    /// <param name="suspending">
    /// Told true by a thread that is about to make DM_DEV_SUSPEND (which resumes too), and false by it when the command is over.
    /// </param>
    /// <param name="attached">Called when a loop device has been given a file.</param>
    public static LocalMachine Create(LocalConsent consent, LocalFolders? folders = null, Action<bool>? suspending = null, Action? attached = null)
    {
        ArgumentNullException.ThrowIfNull(consent);
        folders ??= LocalFolders.Default;
        SetupException.OnDisk(folders.Stores, () => Directory.CreateDirectory(folders.Stores));
        SetupException.OnDisk(folders.Nodes, () => Directory.CreateDirectory(folders.Nodes));
        var nodes = new DeviceNodes(folders.Nodes);
        return new LocalMachine(nodes.OpenControl(), nodes, folders, suspending, attached);
    }

    public ILoopDevices Loops => _loops;
    public IMachineClock Clock { get; } = new LocalClock();
    public IKernelLog Log => _log;
    public IUevents Uevents => _uevents;

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        if (!ControlSleep.MaySleep(request, buffer.Span))
            return new(Control(request, buffer.Span));
        if (_suspending is { } suspending && (DmCommand)(request & 0xff) == DmCommand.DM_DEV_SUSPEND)
            return _workers.RunAsync(() => ControlTelling(suspending, request, buffer.Span));
        return _workers.RunAsync(() => Control(request, buffer.Span));
    }

    public ValueTask<Errno> ControlHereAsync(uint request, Memory<byte> buffer) => new(Control(request, buffer.Span));

    /// <summary>From now on <see cref="TakeNewFunctions"/> tells; what was told once is not followed any more.</summary>
    public FunctionTrace? Functions { get; set; }

    public IReadOnlyList<string> TakeNewFunctions() => Functions?.TakeNew() ?? [];

    private Errno ControlTelling(Action<bool> suspending, uint request, Span<byte> buffer)
    {
        suspending(true);
        var errno = Control(request, buffer);
        suspending(false);
        return errno;
    }

    private unsafe Errno Control(uint request, Span<byte> buffer)
    {
        using var guarded = GuardedBuffer.Holding(buffer);
        var errno = Libc.Ioctl(_control, request, guarded.Start);
        // Also after a failure: the kernel writes its version into the header before it looks at anything else.
        guarded.CopyTo(buffer);
        return errno;
    }

    /// <summary>Device-mapper's block major here; null when there is no device-mapper.</summary>
    public static uint? DmMajor => DeviceNodes.FindDmMajor();

    public bool PollControl() => Libc.Poll(_control, Libc.POLLIN, 0);

    public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle)
    {
        handle = null;
        int access = (mode & OpenMode.ReadWrite) switch
        {
            OpenMode.ReadWrite => Libc.O_RDWR,
            OpenMode.Write => Libc.O_WRONLY,
            _ => Libc.O_RDONLY,
        };
        int exclusive = (mode & OpenMode.Exclusive) != 0 ? Libc.O_EXCL : 0;
        var errno = _nodes.OpenBlock(device, access | exclusive | Libc.O_DIRECT, out int fd);
        if (errno == Errno.None)
            handle = new LocalDevice(device, fd, _queueFiles, _loops, _workers);
        return errno;
    }

    public unsafe Errno ReadAttribute(DeviceNumber device, string path, out string text)
    {
        text = "";
        var errno = Libc.Open(AttributePath(device, path), Libc.O_RDONLY | Libc.O_CLOEXEC, 0, out int fd);
        if (errno != Errno.None)
            return errno;
        Span<byte> page = stackalloc byte[4096];
        fixed (byte* p = page)
        {
            var read = Libc.PositionalRead(fd, p, page.Length, 0);
            Libc.Close(fd);
            if (read.Errno == Errno.None)
                text = Encoding.Latin1.GetString(page[..read.Count]);
            return read.Errno;
        }
    }

    public ValueTask<Errno> WriteAttributeAsync(DeviceNumber device, string path, string text) => _workers.RunAsync(() =>
    {
        var errno = Libc.Open(AttributePath(device, path), Libc.O_WRONLY | Libc.O_TRUNC | Libc.O_CLOEXEC, 0, out int fd);
        if (errno != Errno.None)
            return errno;
        errno = Libc.Write(fd, Encoding.Latin1.GetBytes(text)).Errno;
        Libc.Close(fd);
        return errno;
    });

    private static string AttributePath(DeviceNumber device, string path) => $"/sys/dev/block/{device}/{path}";

    /// <summary>Makes the memory for I/O that a case usually needs: its pages come from the kernel one by one.</summary>
    public static void PrepareBuffers() => IoBuffer.Prepare(small: 12, large: 8);

    public IMemoryOwner<byte> RentBuffer(int bytes) => IoBuffer.Rent(bytes);

    /// <summary>All lines of the log that were taken, with their times.</summary>
    internal IReadOnlyList<TimedLine> LoggedLines => _log.All;

    /// <summary>Loop devices that this machine has attached, and not seen anybody attach again.</summary>
    internal IReadOnlyList<int> AttachedLoops => _loops.Attached;

    /// <summary>Calls that wait for something come back with EINTR; <see cref="Libc.PrepareForInterrupts"/> was called before.</summary>
    internal void InterruptCalls() => _workers.Interrupt();

    internal void RemoveLoop(int index) => _loops.Remove(index);

    public ValueTask DisposeAsync()
    {
        Libc.Close(_control);
        _loops.Dispose();
        _log.Dispose();
        _uevents.Dispose();
        _queueFiles.Dispose();
        return ValueTask.CompletedTask;
    }
}
