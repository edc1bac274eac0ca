using System.Buffers.Binary;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Lowering;

/// <summary>Makes the bytes of a control request: header, then payload, in a buffer with room for the reply.</summary>
internal static class ControlBuffers
{
    /// <summary>Room for the reply of a command that answers with a payload; a longer one makes the call grow its buffer.</summary>
    public const int ReplyRoom = 1024;

    /// <summary>The version user space claims: what libdevmapper sends, older than every kernel's (check_version, dm-ioctl.c, 6.1).</summary>
    private const uint ClaimedMajor = 4;

    public static byte[] Header(DeviceRef device, DmFlags flags, uint eventNr = 0, int room = 0)
    {
        byte[] buffer = new byte[DmIoctl.Size + room];
        var header = new DmIoctl(buffer)
        {
            VersionMajor = ClaimedMajor,
            DataSize = (uint)buffer.Length,
            DataStart = DmIoctl.Size,
            Flags = flags,
            EventNr = eventNr,
        };
        CopyText(device.Name, header.NameField);
        CopyText(device.Uuid, header.UuidField);
        if (device.Number is { } number)
            header.Dev = number.Encode();
        return buffer;
    }

    public static byte[] WithText(DeviceRef device, DmFlags flags, uint eventNr, string text)
    {
        byte[] buffer = Header(device, flags, eventNr, Align(text.Length + 1));
        CopyText(text, buffer.AsSpan(DmIoctl.Size));
        return buffer;
    }

    /// <summary>struct dm_target_msg: the sector, then the words. The result comes back in the same room.</summary>
    public static byte[] Message(DeviceRef device, DmFlags flags, uint eventNr, Sectors sector, string text)
    {
        byte[] buffer = Header(device, flags, eventNr, Math.Max(ReplyRoom, 8 + Align(text.Length + 1)));
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(DmIoctl.Size), sector.Value);
        CopyText(text, buffer.AsSpan(DmIoctl.Size + 8));
        return buffer;
    }

    private const int SpecSize = 40;
    private const int TypeFieldOffset = 24;

    /// <summary>A run of struct dm_target_spec, each followed by its parameters; "next" counts from the spec's own start.</summary>
    public static byte[] Table(DeviceRef device, DmFlags flags, uint eventNr, IReadOnlyList<TableLine> lines)
    {
        int room = lines.Sum(line => SpecSize + Align(line.Parameters.Length + 1));
        byte[] buffer = Header(device, flags, eventNr, room);
        new DmIoctl(buffer).TargetCount = (uint)lines.Count;
        var rest = buffer.AsSpan(DmIoctl.Size);
        foreach (var line in lines)
        {
            int next = SpecSize + Align(line.Parameters.Length + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(rest, line.Start.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], line.Length.Value);
            BinaryPrimitives.WriteInt32LittleEndian(rest[20..], next);
            CopyText(line.Type, rest.Slice(TypeFieldOffset, DmIoctl.DM_MAX_TYPE_NAME));
            CopyText(line.Parameters, rest[SpecSize..]);
            rest = rest[next..];
        }
        return buffer;
    }

    /// <summary>Latin-1, cut where the field ends.</summary>
    private static void CopyText(string? text, Span<byte> field)
    {
        if (text is not null)
            Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }

    private static int Align(int length) => checked(length + 7) & ~7;
}
