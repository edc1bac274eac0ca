namespace DmSim.Abi;

/// <summary>
/// A reply to a <see cref="DmRequest"/>, decoded on demand. Whatever the bytes, nothing here throws: what cannot be read is a
/// false with a reason. After an errno the kernel has written no more than the version.
/// </summary>
public sealed class DmReply
{
    private static readonly DmHeader NoHeader = new(0, 0, 0, 0, 0, 0, 0, DmFlags.None, 0, default, "", "");

    public DmReply(DmCommand command, Errno errno, byte[] buffer)
    {
        Command = command;
        Errno = errno;
        Buffer = buffer;
        Header = DmHeader.TryDecode(buffer, out var header, out _) ? header! : NoHeader;
    }

    public DmCommand Command { get; }
    public Errno Errno { get; }
    public byte[] Buffer { get; }

    /// <summary>All zeros when the buffer is too short for one.</summary>
    public DmHeader Header { get; }

    public bool IsOk => Errno == Errno.None;

    /// <summary>The reply did not fit: DM_BUFFER_FULL_FLAG, on success only.</summary>
    public bool IsBufferFull => IsOk && Header.Has(DmFlags.DM_BUFFER_FULL_FLAG);

    /// <summary>The bytes from data_start to data_size.</summary>
    public bool TryPayload(out ReadOnlySpan<byte> payload, out string reason)
    {
        payload = [];
        reason = "";
        if (!IsOk)
            reason = $"{Command} answered {Errno}";
        else if (Buffer.Length < DmIoctl.Size)
            reason = $"{Buffer.Length} bytes are no struct dm_ioctl, which has {DmIoctl.Size}";
        else if (IsBufferFull)
            reason = $"the reply does not fit into {Buffer.Length} bytes";
        else if (Header.DataSize > (uint)Buffer.Length)
            reason = $"data_size {Header.DataSize} is more than the buffer's {Buffer.Length} bytes";
        else if (Header.DataStart > Header.DataSize)
            reason = $"data_start {Header.DataStart} is past data_size {Header.DataSize}";
        else
            payload = Buffer.AsSpan((int)Header.DataStart, (int)(Header.DataSize - Header.DataStart));
        return reason.Length == 0;
    }

    /// <summary>The lines of a DM_TABLE_STATUS or DM_DEV_WAIT; none when there is no table.</summary>
    public bool TryLines(out IReadOnlyList<TableLine> lines, out string reason)
    {
        lines = [];
        return TryPayload(out var payload, out reason)
            && DmTargetSpec.TryDecodeStatus(payload, Header.TargetCount, out lines, out reason);
    }

    public bool TryDevices(out IReadOnlyList<DmListedDevice> devices, out string reason)
    {
        devices = [];
        return TryPayload(out var payload, out reason) && DmNameList.TryDecode(payload, out devices, out reason);
    }

    /// <summary>The devices of a DM_TABLE_DEPS. Without a table the kernel leaves the payload as it was sent: none.</summary>
    public bool TryDeps(out IReadOnlyList<DeviceNumber> devices, out string reason)
    {
        devices = [];
        return TryPayload(out var payload, out reason) && DmTargetDeps.TryDecode(payload, out devices, out reason);
    }

    public bool TryVersions(out IReadOnlyList<DmTargetVersion> versions, out string reason)
    {
        versions = [];
        return TryPayload(out var payload, out reason) && DmTargetVersions.TryDecode(payload, out versions, out reason);
    }

    /// <summary>What a message answered: null when it answered nothing (no DM_DATA_OUT_FLAG).</summary>
    public bool TryMessageText(out string? text, out string reason)
    {
        text = null;
        if (!TryPayload(out var payload, out reason))
            return false;
        if (!Header.Has(DmFlags.DM_DATA_OUT_FLAG))
            return true;
        if (!DmText.TryGetTerminated(payload, out text))
        {
            text = null;
            reason = "the text has no end";
        }
        return reason.Length == 0;
    }

    public override string ToString() => IsOk ? $"{Command}: ok, {Header.Flags}" : $"{Command}: {Errno}";
}
