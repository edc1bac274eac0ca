using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Ioctl;

/// <summary>
/// /dev/mapper/control: what ctl_ioctl does around every command (drivers/md/dm-ioctl.c, 6.1). The caller is root.
/// </summary>
internal sealed class ControlNode
{
    /// <summary>offsetof(struct dm_ioctl, data): the smallest request, and what goes back where a command says nothing else.</summary>
    private const int MinimumSize = DmIoctl.DataOffset;

    private const int VersionSize = 12;

    /// <summary>DM_MAX_TARGETS * DM_MAX_TARGET_PARAMS.</summary>
    private const uint MaximumSize = 1048576u * 1024u;

    private const DmFlags ClearedFlags = DmFlags.DM_BUFFER_FULL_FLAG | DmFlags.DM_UEVENT_GENERATED_FLAG
        | DmFlags.DM_SECURE_DATA_FLAG | DmFlags.DM_DATA_OUT_FLAG;

    private readonly SimulatedKernel _kernel;
    private readonly ControlCommand?[] _commands;
    private readonly Stack<ControlCall> _spareCalls = new();
    private uint _armedEventNr;

    public ControlNode(SimulatedKernel kernel)
    {
        _kernel = kernel;
        _commands = ControlCommands.Create(kernel, arm: () => _armedEventNr = kernel.GlobalEventNr);
    }

    /// <summary>dm_poll: an event since the node was opened or last armed.</summary>
    public bool Poll() => unchecked((int)(_kernel.GlobalEventNr - _armedEventNr)) > 0;

    /// <summary>
    /// ctl_ioctl. Memory after the buffer's end counts as unmapped. A blocked command's task completes from
    /// <see cref="WorkQueue.Drain"/>, which the caller runs after this.
    /// </summary>
    public ValueTask<Errno> IoctlAsync(uint request, Memory<byte> user)
    {
        uint type = (request >> 8) & 0xff;
        uint command = request & 0xff;
        if (type != DmCommands.IoctlType)
            return Done(Errno.ENOTTY);
        var errno = CheckVersion(command, user.Span);
        if (errno != Errno.None || command == (uint)DmCommand.DM_VERSION)
            return Done(errno);
        if (command >= _commands.Length || _commands[command] is not { } entry)
        {
            _kernel.Log.Refusal("ioctl", $"dm_ctl_ioctl: unknown command 0x{request:x}");
            return Done(Errno.ENOTTY);
        }
        errno = CopyParams(command, entry, user.Span, out var call);
        if (errno != Errno.None)
            return Done(errno);
        errno = ValidateParams(call!);
        if (errno != Errno.None)
        {
            _spareCalls.Push(call!);
            return Done(errno);
        }
        var header = call!.Header;
        header.DataSize = MinimumSize;
        var work = entry.Handler(call);
        return work.IsCompletedSuccessfully
            ? Done(Finish(entry, call, work.Result, user.Span))
            : FinishLaterAsync(entry, call, work, user);
    }

    private static ValueTask<Errno> Done(Errno errno) => new(errno);

    private async ValueTask<Errno> FinishLaterAsync(
        ControlCommand entry, ControlCall call, ValueTask<Errno> work, Memory<byte> user) =>
        Finish(entry, call, await work, user.Span);

    private Errno Finish(ControlCommand entry, ControlCall call, Errno errno, Span<byte> user)
    {
        if (errno == Errno.None && !call.NothingGoesBack)
        {
            if (entry.IssuesGlobalEvent)
                _kernel.IssueGlobalEvent();
            int size = (int)call.Header.DataSize;
            call.Param[..size].CopyTo(user);
        }
        _spareCalls.Push(call);
        return errno;
    }

    /// <summary>check_version: the kernel's version goes back even when the caller's is refused.</summary>
    private Errno CheckVersion(uint command, Span<byte> user)
    {
        if (user.Length < VersionSize)
            return Errno.EFAULT;
        uint major = BinaryPrimitives.ReadUInt32LittleEndian(user);
        uint minor = BinaryPrimitives.ReadUInt32LittleEndian(user[4..]);
        var ours = _kernel.Profile.DriverVersion;
        bool fits = major == ours.Major && minor <= ours.Minor;
        if (!fits)
        {
            uint patch = BinaryPrimitives.ReadUInt32LittleEndian(user[8..]);
            _kernel.Log.Refusal("ioctl", $"ioctl interface mismatch: kernel({ours.Major}.{ours.Minor}.{ours.Patch}), "
                + $"user({major}.{minor}.{patch}), cmd({command})");
        }
        BinaryPrimitives.WriteUInt32LittleEndian(user, ours.Major);
        BinaryPrimitives.WriteUInt32LittleEndian(user[4..], ours.Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(user[8..], ours.Patch);
        return fits ? Errno.None : Errno.EINVAL;
    }

    /// <summary>copy_params: the header only for commands that take no payload, else data_size bytes.</summary>
    private Errno CopyParams(uint command, ControlCommand entry, Span<byte> user, out ControlCall? call)
    {
        call = null;
        if (user.Length < MinimumSize)
            return Errno.EFAULT;
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(user[DmIoctl.DataSizeOffset..]);
        if (size is < MinimumSize or > MaximumSize)
        {
            if (_kernel.Profile.Has(KernelRule.ContradictionsLogged))
                _kernel.Log.Err("ioctl", $"Invalid data size in the ioctl structure: {size}");
            return Errno.EINVAL;
        }
        if (!entry.TakesPayload)
            size = MinimumSize;
        if (size > user.Length)
            return Errno.EFAULT;
        call = _spareCalls.TryPop(out var spare) ? spare : new ControlCall { ResultsInsideRequest = _kernel.Profile.Has(KernelRule.ResultBufferInsideRequest) };
        call.Load(user[..(int)size], command);
        if (call.Has(DmFlags.DM_SECURE_DATA_FLAG))
            user[..(int)size].Clear();
        return Errno.None;
    }

    /// <summary>validate_params.</summary>
    private Errno ValidateParams(ControlCall call)
    {
        var header = call.Header;
        header.Flags &= ~ClearedFlags;
        var command = (DmCommand)call.Command;
        if (command is DmCommand.DM_REMOVE_ALL or DmCommand.DM_LIST_DEVICES or DmCommand.DM_LIST_VERSIONS)
            return Errno.None;
        bool hasName = header.NameField[0] != 0;
        if (command == DmCommand.DM_DEV_CREATE)
        {
            if (!hasName)
            {
                _kernel.Log.Refusal("ioctl", "name not supplied when creating device");
                return Errno.EINVAL;
            }
        }
        else if (hasName && header.UuidField[0] != 0)
        {
            _kernel.Log.Refusal("ioctl", $"only supply one of name or uuid, cmd({call.Command})");
            return Errno.EINVAL;
        }
        header.NameField[^1] = 0;
        header.UuidField[^1] = 0;
        return Errno.None;
    }
}
