using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// What FUSE does not pass on, or says otherwise, of whole file systems and of reading: which file system /sys and /dev are
/// (statfs; libudev takes no other for sysfs), and posix_fadvise on devices.
/// </summary>
internal sealed class FileSystemTraps
{
    private const ulong SYSFS_MAGIC = 0x62656572;

    /// <summary>What devtmpfs lies in.</summary>
    private const ulong TMPFS_MAGIC = 0x01021994;

    private const ulong ST_VALID = 0x20, ST_RELATIME = 0x1000;

    /// <summary>struct statfs of x86-64 (include/uapi/asm-generic/statfs.h).</summary>
    private const int StatfsSize = 120;

    private readonly Simulation _simulation;
    private readonly DeviceTree _tree;
    private readonly Supervisor _supervisor;
    private readonly CallerPaths _paths;
    private readonly FuseServer _files;

    public FileSystemTraps(Simulation simulation, DeviceTree tree, Supervisor supervisor, CallerPaths paths, FuseServer files)
    {
        _simulation = simulation;
        _tree = tree;
        _supervisor = supervisor;
        _paths = paths;
        _files = files;
        supervisor.Handle(Libc.SYS_statfs, call =>
        {
            stat found = default;
            bool known = CallerPaths.ReadString(call.Thread, call.Argument(0)) is { Length: > 0 } path
                && CallerPaths.Stat(call.Thread, Libc.AT_FDCWD, path, true, out found);
            Statfs(call, known, found);
        });
        supervisor.Handle(Libc.SYS_fstatfs, call =>
        {
            bool known = CallerPaths.Stat(call.Thread, (int)call.Argument(0), out var found);
            Statfs(call, known, found);
        });
        supervisor.Handle(Libc.SYS_fadvise64, Advise);
    }

    private void Statfs(TrappedCall call, bool known, in stat found)
    {
        if (!known || _paths.NodeOf(found) is not { } id)
        {
            _supervisor.Continue(call);
            return;
        }
        _simulation.Enter();
        bool isSys = _tree.Find(id) is { } node && _tree.IsOfSysfs(node);
        _simulation.Exit();
        byte[] answer = new byte[StatfsSize];
        // f_type, f_bsize; blocks, files; then from 64 on f_namelen, f_frsize, f_flags.
        const ulong blockSize = 4096, memoryBlocks = 1 << 17;
        Put(answer, 0, isSys ? SYSFS_MAGIC : TMPFS_MAGIC);
        Put(answer, 8, blockSize);
        for (int field = 16; !isSys && field < 56; field += 8)
            Put(answer, field, memoryBlocks);
        Put(answer, 64, 255);
        Put(answer, 72, blockSize);
        Put(answer, 80, ST_VALID | ST_RELATIME);
        bool written = Libc.WriteMemory(call.Thread, call.Argument(1), answer).Count == answer.Length;
        _supervisor.Answer(call, written ? Errno.None : Errno.EFAULT);
    }

    private static void Put(byte[] answer, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(offset), value);

    private void Advise(TrappedCall call)
    {
        if (!CallerPaths.Stat(call.Thread, (int)call.Argument(0), out var found) || _paths.NodeOf(found) is not { } id)
        {
            _supervisor.Continue(call);
            return;
        }
        _supervisor.Enter(call, _ => _paths.Find(id) is DeviceNode { IsBlock: true } && _files.HandleOn(call.Thread, id, null) is { } handle
            ? handle.AdviseAsync((int)call.Argument(3), call.Argument(1), call.Argument(2))
            : new(Errno.None), errno => _supervisor.Answer(call, errno));
    }
}
