using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>
/// struct dm_target_spec and the text behind each: the payload of DM_TABLE_LOAD and of the replies to DM_TABLE_STATUS and
/// DM_DEV_WAIT. The two differ in what "next" counts from: in a load the spec's own start (next_target), in a reply the start of
/// the first spec (retrieve_status; drivers/md/dm-ioctl.c, 6.1).
/// </summary>
public static class DmTargetSpec
{
    public const int Size = 40;

    public const int SectorStartOffset = 0;
    public const int LengthOffset = 8;
    public const int StatusOffset = 16;
    public const int NextOffset = 20;
    public const int TargetTypeOffset = 24;

    /// <summary>Bytes that the lines take as specs, each aligned.</summary>
    public static int EncodedLength(IReadOnlyList<TableLine> lines)
    {
        int length = 0;
        foreach (var line in lines)
            length = checked(length + EncodedLength(line));
        return length;
    }

    private static int EncodedLength(TableLine line) => DmText.Align(checked(Size + line.Parameters.Length + 1));

    /// <summary>The payload of DM_TABLE_LOAD. A type longer than its field is cut.</summary>
    public static byte[] EncodeLoad(IReadOnlyList<TableLine> lines) => Encode(lines, fromFirst: false);

    /// <summary>The payload of a reply with these lines.</summary>
    public static byte[] EncodeStatus(IReadOnlyList<TableLine> lines) => Encode(lines, fromFirst: true);

    private static byte[] Encode(IReadOnlyList<TableLine> lines, bool fromFirst)
    {
        byte[] payload = new byte[EncodedLength(lines)];
        int at = 0;
        foreach (var line in lines)
        {
            int length = EncodedLength(line);
            var spec = payload.AsSpan(at, length);
            BinaryPrimitives.WriteUInt64LittleEndian(spec[SectorStartOffset..], line.Start.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(spec[LengthOffset..], line.Length.Value);
            BinaryPrimitives.WriteUInt32LittleEndian(spec[NextOffset..], (uint)(fromFirst ? at + length : length));
            DmText.Put(line.Type, spec.Slice(TargetTypeOffset, DmIoctl.DM_MAX_TYPE_NAME));
            DmText.Put(line.Parameters, spec[Size..^1]);
            at += length;
        }
        return payload;
    }

    /// <summary>Reads the payload of a DM_TABLE_LOAD request.</summary>
    public static bool TryDecodeLoad(ReadOnlySpan<byte> payload, uint count, out IReadOnlyList<TableLine> lines, out string reason) =>
        TryDecode(payload, count, fromFirst: false, out lines, out reason);

    /// <summary>Reads the payload of a reply.</summary>
    /// <param name="count">The header's target_count.</param>
    public static bool TryDecodeStatus(ReadOnlySpan<byte> payload, uint count, out IReadOnlyList<TableLine> lines, out string reason) =>
        TryDecode(payload, count, fromFirst: true, out lines, out reason);

    private static bool TryDecode(
        ReadOnlySpan<byte> payload, uint count, bool fromFirst, out IReadOnlyList<TableLine> lines, out string reason)
    {
        var read = new List<TableLine>();
        lines = read;
        int at = 0;
        for (uint i = 0; i < count; i++)
        {
            if (payload.Length - at < Size)
                return Refuse(out reason, $"target {i}: {payload.Length - at} bytes left at {at} of {payload.Length}, {Size} needed");
            var spec = payload[at..];
            if (!DmText.TryGetTerminated(spec[Size..], out string text))
                return Refuse(out reason, $"target {i}: the text at {at + Size} has no end");
            read.Add(new TableLine(
                new Sectors(BinaryPrimitives.ReadUInt64LittleEndian(spec[SectorStartOffset..])),
                new Sectors(BinaryPrimitives.ReadUInt64LittleEndian(spec[LengthOffset..])),
                DmText.Get(spec.Slice(TargetTypeOffset, DmIoctl.DM_MAX_TYPE_NAME)),
                text));
            if (i + 1 == count)
                break;
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(spec[NextOffset..]);
            long nextAt = fromFirst ? next : (long)at + next;
            if (nextAt < (long)at + Size + text.Length + 1)
                return Refuse(out reason, $"target {i}: the next one is said to start at {nextAt}, inside this one at {at}");
            if (nextAt > payload.Length)
                return Refuse(out reason, $"target {i}: the next one is said to start at {nextAt} of {payload.Length}");
            at = (int)nextAt;
        }
        reason = "";
        return true;
    }

    private static bool Refuse(out string reason, FormattableString why)
    {
        reason = FormattableString.Invariant(why);
        return false;
    }
}
