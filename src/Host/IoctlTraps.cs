using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>ioctl(2) on nodes of the tree: device-mapper's control node, /dev/loop-control, and block devices.</summary>
internal sealed class IoctlTraps
{
    /// <summary>What a request of device-mapper may take from the caller's memory at most; libdm's largest is 1 MiB or so.</summary>
    private const int LargestRequest = 256 << 20;

    private readonly Simulation _simulation;
    private readonly Supervisor _supervisor;
    private readonly CallerPaths _paths;
    private readonly FuseServer _files;

    public IoctlTraps(Simulation simulation, Supervisor supervisor, CallerPaths paths, FuseServer files)
    {
        _simulation = simulation;
        _supervisor = supervisor;
        _paths = paths;
        _files = files;
        supervisor.Handle(Libc.SYS_ioctl, Ioctl);
    }

    private void Ioctl(TrappedCall call)
    {
        // This look at the descriptor is also a barrier: FUSE answers it after every close that came before.
        if (!CallerPaths.Stat(call.Thread, (int)call.Argument(0), out var found) || _paths.NodeOf(found) is not { } id)
        {
            _supervisor.Continue(call);
            return;
        }
        _simulation.Enter();
        var node = _paths.Find(id) as DeviceNode;
        _simulation.Exit();
        uint request = (uint)call.Argument(1);
        if (node?.Device == DeviceTree.Control)
            Control(call, request);
        else if (node?.Device == DeviceTree.LoopControl)
            LoopControl(call, request);
        else if (node is { IsBlock: true })
            Block(call, id, request);
        else
            _supervisor.Fail(call, Errno.ENOTTY);
    }

    private void Control(TrappedCall call, uint request)
    {
        ulong address = call.Argument(2);
        byte[] buffer = ReadRequest(call.Thread, address);
        if (!_supervisor.IsValid(call))
            return;
        string? folder = Libc.ReadLink(Processes.Proc, $"{call.Thread}/cwd", out string cwd) == Errno.None ? cwd : null;
        _supervisor.Enter(call, machine =>
        {
            Folder = folder;
            return _simulation.Observer is { } observer ? ObserveAsync(observer, call, request, buffer) : machine.ControlAsync(request, buffer);
        }, errno =>
        {
            // Also after a failure: the kernel writes its version into the header before it looks at anything else.
            _ = Libc.WriteMemory(call.Thread, address, buffer);
            _supervisor.Answer(call, errno);
        });
    }

    private async ValueTask<Errno> ObserveAsync(IHostObserver observer, TrappedCall call, uint request, byte[] buffer)
    {
        byte[] sent = [.. buffer];
        var caller = new HostCaller(call.Thread, Processes.NameOf(call.Thread));
        var errno = await _simulation.Machine.ControlAsync(request, buffer);
        _simulation.PassOn();
        observer.ControlDone(caller, request, sent, errno);
        return errno;
    }

    /// <summary>The working folder of whoever makes the present request, from which paths in its tables start.</summary>
    public string? Folder { get; private set; }

    /// <summary>As much as the header's data_size asks for, and as much of that as is there.</summary>
    private static byte[] ReadRequest(uint thread, ulong address)
    {
        Span<byte> header = stackalloc byte[DmIoctl.Size];
        var result = Libc.ReadMemory(thread, address, header);
        if (result.Errno != Errno.None)
            return [];
        if (result.Count < header.Length)
            return header[..result.Count].ToArray();
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[DmIoctl.DataSizeOffset..]);
        byte[] request = new byte[Math.Clamp(size, header.Length, LargestRequest)];
        result = Libc.ReadMemory(thread, address, request);
        return result.Count == request.Length ? request : request[..result.Count];
    }

    private void LoopControl(TrappedCall call, uint request)
    {
        int index = 0;
        _supervisor.Enter(call, machine => new(machine.LoopControl(request, call.Argument(2), out index)),
            errno => _supervisor.Answer(call, errno, index));
    }

    private void Block(TrappedCall call, ulong id, uint request)
    {
        var known = (BlockIoctl)request;
        var (taken, given) = known.ArgumentBytes();
        ulong address = call.Argument(2);
        byte[] bytes = new byte[Math.Max(taken, given)];
        if (taken > 0 && Libc.ReadMemory(call.Thread, address, bytes.AsSpan(0, taken)).Count != taken)
        {
            _supervisor.Fail(call, Errno.EFAULT);
            return;
        }
        if (known == BlockIoctl.BLKPG && !ReadPartition(call.Thread, ref bytes))
        {
            _supervisor.Fail(call, Errno.EFAULT);
            return;
        }
        IBackingFile? file = known switch
        {
            BlockIoctl.LOOP_SET_FD or BlockIoctl.LOOP_CHANGE_FD => OpenFile(call.Thread, (int)address),
            BlockIoctl.LOOP_CONFIGURE => OpenFile(call.Thread, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(LoopInfo.ConfigFdOffset))),
            _ => null,
        };
        if (file == HostFile.InUse)
        {
            _supervisor.Fail(call, Errno.EBUSY);
            return;
        }
        var access = taken > 0 || file is not null ? AccessOf(call) : (OpenMode?)null;
        if (!_supervisor.IsValid(call))
        {
            file?.Dispose();
            return;
        }
        _supervisor.Enter(call, _ => _files.HandleOn(call.Thread, id, access) is { } handle
            ? BlockAsync(call, handle, known, address, bytes, file)
            : new(Errno.ENXIO), errno =>
        {
            if (errno != Errno.None)
                file?.Dispose();
            else if (given > 0 && Libc.WriteMemory(call.Thread, address, bytes.AsSpan(0, given)).Count != given)
                errno = Errno.EFAULT;
            _supervisor.Answer(call, errno);
        });
    }

    /// <summary>The partition that BLKPG's argument points to, put behind the argument.</summary>
    private static bool ReadPartition(uint thread, ref byte[] bytes)
    {
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(BlockPartition.DataOffset));
        Array.Resize(ref bytes, BlockPartition.ArgumentSize + BlockPartition.Size);
        return Libc.ReadMemory(thread, address, bytes.AsSpan(BlockPartition.ArgumentSize)).Count == BlockPartition.Size;
    }

    private async ValueTask<Errno> BlockAsync(
        TrappedCall call, IDeviceNode handle, BlockIoctl request, ulong argument, byte[] bytes, IBackingFile? file)
    {
        var errno = await handle.IoctlAsync((uint)request, argument, bytes, file);
        if (errno == Errno.None && _simulation.Observer is { } observer && (file is not null || request == BlockIoctl.LOOP_CLR_FD))
            observer.LoopChanged(new HostCaller(call.Thread, Processes.NameOf(call.Thread)), _paths.NameOf(handle.Device), file?.Path);
        return errno;
    }

    private static OpenMode AccessOf(TrappedCall call) =>
        (Processes.OpenFlags(call.Thread, (int)call.Argument(0)) & Libc.O_ACCMODE) switch
        {
            Libc.O_RDONLY => OpenMode.Read,
            Libc.O_WRONLY => OpenMode.Write,
            _ => OpenMode.ReadWrite,
        };

    private HostFile? OpenFile(uint thread, int fd)
    {
        if (!CallerPaths.Stat(thread, fd, out var found))
            return null;
        if (_paths.NodeOf(found) is { } id)
        {
            _simulation.Enter();
            var number = (_paths.Find(id) as DeviceNode)?.Device;
            _simulation.Exit();
            bool writable = (Processes.OpenFlags(thread, fd) & Libc.O_ACCMODE) != Libc.O_RDONLY;
            string path = Libc.ReadLink(Processes.Proc, $"{thread}/fd/{fd}", out string target) == Errno.None ? target : "";
            return HostFile.OfNode(number ?? default, writable, id, path);
        }
        return HostFile.Open(thread, fd, found);
    }
}
