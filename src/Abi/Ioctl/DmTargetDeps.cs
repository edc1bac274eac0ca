using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>struct dm_target_deps, the reply of DM_TABLE_DEPS: the devices that a table holds.</summary>
public static class DmTargetDeps
{
    /// <summary>Bytes before the first device.</summary>
    public const int Size = 8;

    public const int CountOffset = 0;
    public const int PaddingOffset = 4;
    public const int DevOffset = 8;

    public static byte[] Encode(IReadOnlyList<DeviceNumber> devices)
    {
        byte[] payload = new byte[checked(Size + devices.Count * 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)devices.Count);
        for (int i = 0; i < devices.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(DevOffset + i * 8), devices[i].Encode());
        return payload;
    }

    public static bool TryDecode(ReadOnlySpan<byte> payload, out IReadOnlyList<DeviceNumber> devices, out string reason)
    {
        devices = [];
        reason = "";
        if (payload.Length < Size)
        {
            reason = $"{payload.Length} bytes are no list of dependencies";
            return false;
        }
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (count > (uint)(payload.Length - DevOffset) / 8)
        {
            reason = $"{count} devices do not fit into {payload.Length} bytes";
            return false;
        }
        var read = new DeviceNumber[count];
        for (int i = 0; i < read.Length; i++)
            read[i] = DeviceNumber.Decode(BinaryPrimitives.ReadUInt64LittleEndian(payload[(DevOffset + i * 8)..]));
        devices = read;
        return true;
    }
}
