using System.Buffers.Binary;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Outcomes;

/// <summary>One entry of DM_LIST_DEVICES.</summary>
internal readonly record struct ListedDevice(string Name, DeviceNumber Number, uint EventNr, uint Flags, string? Uuid);

/// <summary>One target of DM_LIST_VERSIONS or DM_GET_TARGET_VERSION.</summary>
internal readonly record struct ListedTarget(string Name, uint Major, uint Minor, uint Patch);

/// <summary>Reads the payloads of control replies. Whatever the bytes, it stops at what it cannot follow and never throws.</summary>
internal static class ControlReply
{
    /// <summary>The payload as far as the header says it goes.</summary>
    public static ReadOnlySpan<byte> Payload(byte[] buffer)
    {
        var header = new DmIoctl(buffer);
        int start = (int)Math.Min(header.DataStart, (uint)buffer.Length);
        int end = (int)Math.Min(header.DataSize, (uint)buffer.Length);
        return buffer.AsSpan(start, Math.Max(0, end - start));
    }

    /// <summary>Bytes up to the first zero, as Latin-1.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>struct dm_target_spec and text, "next" counting from the start of the payload (retrieve_status, dm-ioctl.c, 6.1).</summary>
    public static List<TableLine> Lines(byte[] buffer)
    {
        const int specSize = 40;
        var payload = Payload(buffer);
        uint count = new DmIoctl(buffer).TargetCount;
        var lines = new List<TableLine>();
        int at = 0;
        while (lines.Count < count && at >= 0 && at <= payload.Length - specSize)
        {
            var spec = payload[at..];
            lines.Add(new TableLine(
                new Sectors(BinaryPrimitives.ReadUInt64LittleEndian(spec)),
                new Sectors(BinaryPrimitives.ReadUInt64LittleEndian(spec[8..])),
                Text(spec.Slice(24, DmIoctl.DM_MAX_TYPE_NAME)),
                Text(spec[specSize..])));
            int next = BinaryPrimitives.ReadInt32LittleEndian(spec[20..]);
            if (next <= at)
                break;
            at = next;
        }
        return lines;
    }

    /// <summary>struct dm_name_list: device, next, name, then aligned to 8 event number, flags and perhaps the uuid (list_devices).</summary>
    public static List<ListedDevice> Devices(byte[] buffer)
    {
        const uint hasUuid = 1;
        var payload = Payload(buffer);
        var devices = new List<ListedDevice>();
        while (payload.Length >= 16)
        {
            ulong dev = BinaryPrimitives.ReadUInt64LittleEndian(payload);
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]);
            if (dev == 0 && devices.Count == 0)
                break;
            string name = Text(payload[12..]);
            var tail = After(payload, 12 + name.Length + 1);
            uint eventNr = tail.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(tail) : 0;
            uint flags = tail.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]) : 0;
            string? uuid = (flags & hasUuid) != 0 ? Text(After(tail, 8)) : null;
            devices.Add(new ListedDevice(name, DeviceNumber.Decode(dev), eventNr, flags, uuid));
            if (next == 0 || next >= (uint)payload.Length)
                break;
            payload = payload[(int)next..];
        }
        return devices;
    }

    /// <summary>struct dm_target_deps.</summary>
    public static List<DeviceNumber> Deps(byte[] buffer)
    {
        var payload = Payload(buffer);
        var deps = new List<DeviceNumber>();
        if (payload.Length < 8)
            return deps;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        for (int at = 8; deps.Count < count && at <= payload.Length - 8; at += 8)
            deps.Add(DeviceNumber.Decode(BinaryPrimitives.ReadUInt64LittleEndian(payload[at..])));
        return deps;
    }

    /// <summary>struct dm_target_versions: next, three numbers, name.</summary>
    public static List<ListedTarget> Targets(byte[] buffer)
    {
        var payload = Payload(buffer);
        var targets = new List<ListedTarget>();
        while (payload.Length >= 17)
        {
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(payload);
            targets.Add(new ListedTarget(
                Text(payload[16..]),
                BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(payload[12..])));
            if (next == 0 || next >= (uint)payload.Length)
                break;
            payload = payload[(int)next..];
        }
        return targets;
    }

    /// <summary>What follows <paramref name="offset"/> rounded up to 8, counted from the start of the payload; entries start aligned.</summary>
    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> from, int offset)
    {
        int aligned = (offset + 7) & ~7;
        return aligned < from.Length ? from[aligned..] : [];
    }
}
