using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Harness.PlantedBugs;

internal delegate void HeaderChange(DmIoctl header);

internal delegate void ReplyChange(ReadOnlySpan<byte> request, DmIoctl reply);

/// <summary>A command answers one errno where it should answer another.</summary>
internal sealed class WrongErrno(DmCommand command, Errno right, Errno wrong) : Mutation
{
    public override Errno Reply(DmCommand given, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno) =>
        given == command && errno == right ? wrong : errno;
}

/// <summary>A command sees another request than was made.</summary>
internal sealed class WrongRequest(DmCommand command, HeaderChange change) : Mutation
{
    public override void Request(DmCommand given, Span<byte> request)
    {
        if (given == command)
            change(new DmIoctl(request));
    }
}

/// <summary>A command's successful reply is not what it should be.</summary>
internal sealed class WrongReply(DmCommand? command, ReplyChange change) : Mutation
{
    public override Errno Reply(DmCommand given, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
    {
        if (errno == Errno.None && (command is null || given == command))
            change(request, new DmIoctl(reply));
        return errno;
    }
}

/// <summary>Log lines that are not what they should be; null leaves one out.</summary>
internal sealed class WrongLog(Func<LogLine, LogLine?> change) : Mutation
{
    public override IReadOnlyList<LogLine> Log(IReadOnlyList<LogLine> lines) => [.. lines.Select(change).OfType<LogLine>()];
}

/// <summary>Uevents that are not what they should be; null leaves one out.</summary>
internal sealed class WrongUevents(Func<Uevent, Uevent?> change) : Mutation
{
    public override IReadOnlyList<Uevent> Uevents(IReadOnlyList<Uevent> events) => [.. events.Select(change).OfType<Uevent>()];
}

internal sealed class PollNeverReady : Mutation
{
    public override bool Poll(bool ready) => false;
}

/// <summary>Renames raise no event: every number shown later is too small by the renames before it.</summary>
internal sealed class RenameRaisesNoEvent : Mutation
{
    private readonly Dictionary<ulong, uint> _lost = [];

    public override Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
    {
        if (errno != Errno.None)
            return errno;
        var header = new DmIoctl(reply);
        if (command == DmCommand.DM_DEV_CREATE)
            _lost.Remove(header.Dev);
        if (command == DmCommand.DM_DEV_RENAME && (header.Flags & DmFlags.DM_ACTIVE_PRESENT_FLAG) != 0)
            _lost[header.Dev] = _lost.GetValueOrDefault(header.Dev) + 1;
        header.EventNr -= Math.Min(header.EventNr, _lost.GetValueOrDefault(header.Dev));
        return errno;
    }
}

/// <summary>A device once open is never shown as closed.</summary>
internal sealed class OpenCountNeverFalls : Mutation
{
    private readonly Dictionary<ulong, int> _most = [];

    public override Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
    {
        if (errno != Errno.None || command is DmCommand.DM_LIST_DEVICES or DmCommand.DM_LIST_VERSIONS)
            return errno;
        var header = new DmIoctl(reply);
        int most = command == DmCommand.DM_DEV_CREATE ? 0 : Math.Max(_most.GetValueOrDefault(header.Dev), header.OpenCount);
        _most[header.Dev] = most;
        header.OpenCount = most;
        return errno;
    }
}

/// <summary>A minor is never given out again.</summary>
internal sealed class MinorsAreNotReused : Mutation
{
    private uint _next;

    public override void Request(DmCommand command, Span<byte> request)
    {
        var header = new DmIoctl(request);
        if (command != DmCommand.DM_DEV_CREATE || (header.Flags & DmFlags.DM_PERSISTENT_DEV_FLAG) != 0)
            return;
        header.Flags |= DmFlags.DM_PERSISTENT_DEV_FLAG;
        header.Dev = DeviceNumber.Dm(_next).Encode();
    }

    public override Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
    {
        if (command != DmCommand.DM_DEV_CREATE)
            return errno;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(request[DmIoctl.FlagsOffset..]);
        var header = new DmIoctl(reply);
        if (((DmFlags)flags & DmFlags.DM_PERSISTENT_DEV_FLAG) == 0)
            header.Flags &= ~DmFlags.DM_PERSISTENT_DEV_FLAG;
        if (errno == Errno.None)
            _next = Math.Max(_next, DeviceNumber.Decode(header.Dev).Minor + 1);
        return errno;
    }
}
