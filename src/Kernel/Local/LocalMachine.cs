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

    private LocalMachine(int control, DeviceNodes nodes, LocalFolders folders)
    {
        _control = control;
        _nodes = nodes;
        _loops = new LocalLoops(nodes, folders.Stores, _workers);
        _log = KmsgReader.Open();
        _uevents = UeventReader.Open();
    }

    /// <summary>Opens the control node, the log and the socket for uevents. What is there already stays as it is.</summary>
    public static LocalMachine Create(LocalConsent consent, LocalFolders? folders = null)
    {
        ArgumentNullException.ThrowIfNull(consent);
        folders ??= LocalFolders.Default;
        SetupException.OnDisk(folders.Stores, () => Directory.CreateDirectory(folders.Stores));
        SetupException.OnDisk(folders.Nodes, () => Directory.CreateDirectory(folders.Nodes));
        var nodes = new DeviceNodes(folders.Nodes);
        return new LocalMachine(nodes.OpenControl(), nodes, folders);
    }

    public ILoopDevices Loops => _loops;
    public IMachineClock Clock { get; } = new LocalClock();
    public IKernelLog Log => _log;
    public IUevents Uevents => _uevents;

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        if (!MayBlock(request, buffer.Span))
            return new(Control(request, buffer.Span));
        return _workers.RunAsync(() => Control(request, buffer.Span));
    }

    private unsafe Errno Control(uint request, Span<byte> buffer)
    {
        using var guarded = GuardedBuffer.Holding(buffer);
        var errno = Libc.Ioctl(_control, request, guarded.Start);
        // Also after a failure: the kernel writes its version into the header before it looks at anything else.
        guarded.CopyTo(buffer);
        return errno;
    }

    /// <summary>
    /// Whether the command may sleep for longer than locks are held: it waits for an event or for I/O, or runs a target's code
    /// that may (drivers/md/dm-ioctl.c, 6.1). A wrong yes costs a change of threads, a wrong no would stop the whole batch.
    /// </summary>
    private static bool MayBlock(uint request, ReadOnlySpan<byte> buffer)
    {
        switch ((DmCommand)(request & 0xff))
        {
            case DmCommand.DM_VERSION:
            case DmCommand.DM_LIST_DEVICES:
            case DmCommand.DM_DEV_CREATE:
            case DmCommand.DM_DEV_RENAME:
            case DmCommand.DM_DEV_STATUS:
            case DmCommand.DM_TABLE_DEPS:
            case DmCommand.DM_LIST_VERSIONS:
            case DmCommand.DM_DEV_SET_GEOMETRY:
            case DmCommand.DM_DEV_ARM_POLL:
            case DmCommand.DM_GET_TARGET_VERSION:
                return false;
            case DmCommand.DM_TABLE_STATUS:
                var flags = buffer.Length < DmIoctl.FlagsOffset + 4 ? DmFlags.None
                    : (DmFlags)BitConverter.ToUInt32(buffer[DmIoctl.FlagsOffset..]);
                return (flags & (DmFlags.DM_NOFLUSH_FLAG | DmFlags.DM_STATUS_TABLE_FLAG)) == 0;
            default:
                return true;
        }
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
            handle = new LocalDevice(device, fd, _queueFiles, _workers);
        return errno;
    }

    public ValueTask DisposeAsync()
    {
        Libc.Close(_control);
        _loops.Dispose();
        _log.Dispose();
        _uevents.Dispose();
        _queueFiles.Dispose();
        _workers.Dispose();
        return ValueTask.CompletedTask;
    }
}
