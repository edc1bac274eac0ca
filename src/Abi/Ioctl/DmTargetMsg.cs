using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>struct dm_target_msg, the payload of DM_TARGET_MSG: which sector's target is meant, and the words.</summary>
public static class DmTargetMsg
{
    /// <summary>Bytes before the words.</summary>
    public const int Size = 8;

    public const int SectorOffset = 0;
    public const int MessageOffset = 8;

    public static byte[] Encode(Sectors sector, string message)
    {
        byte[] payload = new byte[DmText.Align(checked(Size + message.Length + 1))];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, sector.Value);
        DmText.Put(message, payload.AsSpan(MessageOffset, message.Length));
        return payload;
    }

    public static bool TryDecode(ReadOnlySpan<byte> payload, out Sectors sector, out string message, out string reason)
    {
        sector = default;
        message = "";
        reason = "";
        if (payload.Length < Size)
            reason = $"{payload.Length} bytes are no message";
        else
        {
            sector = new Sectors(BinaryPrimitives.ReadUInt64LittleEndian(payload));
            if (!DmText.TryGetTerminated(payload[MessageOffset..], out message))
                reason = "the message has no end";
        }
        return reason.Length == 0;
    }
}
