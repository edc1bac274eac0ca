using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>The flags behind a name (since 5.13): only set when the request had DM_UUID_FLAG.</summary>
[Flags]
public enum DmNameListFlags : uint
{
    None = 0,
    DM_NAME_LIST_FLAG_HAS_UUID = 1,
    DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID = 2,
}

/// <summary>One entry of DM_LIST_DEVICES.</summary>
public sealed record DmListedDevice(
    string Name, DeviceNumber Number, uint EventNr, DmNameListFlags Flags = DmNameListFlags.None, string? Uuid = null);

/// <summary>
/// struct dm_name_list and its tail, the reply of DM_LIST_DEVICES: device, next, name; then, aligned to 8, the event number and
/// flags; then, aligned again, perhaps the uuid (list_devices, drivers/md/dm-ioctl.c, 6.1).
/// </summary>
public static class DmNameList
{
    /// <summary>sizeof(struct dm_name_list): the fixed part padded to its alignment. Names start before its end.</summary>
    public const int Size = 16;

    public const int DevOffset = 0;
    public const int NextOffset = 8;
    public const int NameOffset = 12;

    private const int TailSize = 8;

    public static byte[] Encode(IReadOnlyList<DmListedDevice> devices)
    {
        int total = 0;
        foreach (var device in devices)
            total = checked(total + EncodedLength(device));
        byte[] payload = new byte[total];
        int at = 0;
        for (int i = 0; i < devices.Count; i++)
        {
            var device = devices[i];
            int length = EncodedLength(device);
            var entry = payload.AsSpan(at, length);
            int tail = DmText.Align(NameOffset + device.Name.Length + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[DevOffset..], device.Number.Encode());
            BinaryPrimitives.WriteUInt32LittleEndian(entry[NextOffset..], i + 1 < devices.Count ? (uint)length : 0);
            DmText.Put(device.Name, entry[NameOffset..]);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[tail..], device.EventNr);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[(tail + 4)..], (uint)device.Flags);
            if (device.Flags.HasFlag(DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID))
                DmText.Put(device.Uuid, entry[(tail + TailSize)..]);
            at += length;
        }
        return payload;
    }

    private static int EncodedLength(DmListedDevice device)
    {
        int length = checked(DmText.Align(NameOffset + device.Name.Length + 1) + TailSize);
        return device.Flags.HasFlag(DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID)
            ? checked(length + DmText.Align((device.Uuid?.Length ?? 0) + 1))
            : length;
    }

    /// <summary>Reads the payload. An empty one, or one that starts with device 0, is an empty list.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, out IReadOnlyList<DmListedDevice> devices, out string reason)
    {
        var read = new List<DmListedDevice>();
        devices = read;
        reason = "";
        int at = 0;
        while (payload.Length > 0)
        {
            var rest = payload[at..];
            if (rest.Length >= 8 && read.Count == 0 && BinaryPrimitives.ReadUInt64LittleEndian(rest) == 0)
                return true;
            if (!TryDecodeEntry(rest, out var device, out int next, out reason))
            {
                reason = $"entry {read.Count} at {at} of {payload.Length}: {reason}";
                return false;
            }
            read.Add(device!);
            if (next == 0)
                return true;
            at += next;
        }
        return true;
    }

    private static bool TryDecodeEntry(ReadOnlySpan<byte> rest, out DmListedDevice? device, out int next, out string reason)
    {
        device = null;
        next = 0;
        reason = "";
        if (rest.Length <= NameOffset)
            reason = $"{rest.Length} bytes left";
        else
        {
            uint step = BinaryPrimitives.ReadUInt32LittleEndian(rest[NextOffset..]);
            if (step > (uint)rest.Length)
                reason = $"the next one is said to start {step} bytes on";
            else
                TryDecodeEntry(rest, step, out device, out next, out reason);
        }
        return reason.Length == 0;
    }

    private static void TryDecodeEntry(
        ReadOnlySpan<byte> rest, uint step, out DmListedDevice? device, out int next, out string reason)
    {
        device = null;
        next = (int)step;
        var entry = step == 0 ? rest : rest[..next];
        if (entry.Length <= NameOffset || !DmText.TryGetTerminated(entry[NameOffset..], out string name))
        {
            reason = "the name has no end";
            return;
        }
        var number = DeviceNumber.Decode(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        var tail = From(entry, DmText.Align(NameOffset + name.Length + 1));
        if (tail.Length < TailSize)
        {
            reason = "no room for the event number";
            return;
        }
        uint eventNr = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        var flags = (DmNameListFlags)BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]);
        string? uuid = null;
        if (flags.HasFlag(DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID)
            && !DmText.TryGetTerminated(tail[TailSize..], out uuid))
        {
            reason = "the uuid has no end";
            return;
        }
        device = new DmListedDevice(name, number, eventNr, flags, uuid);
        reason = "";
    }

    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> entry, int offset) =>
        offset < entry.Length ? entry[offset..] : [];
}
