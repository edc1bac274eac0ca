using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>The payload of <see cref="LinkFrameKind.RunBatch"/>, written and read in one place.</summary>
public static class BatchRequest
{
    private const int HeadSize = 4;

    /// <param name="flushEvery">So many replies the guest gathers before it sends them.</param>
    public static byte[] Encode(int flushEvery, IReadOnlyList<ScheduledCall> calls)
    {
        byte[] encoded = CallCodec.EncodeCalls(calls);
        byte[] payload = new byte[HeadSize + encoded.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, flushEvery);
        encoded.CopyTo(payload, HeadSize);
        return payload;
    }

    /// <summary>False for bytes that are no request.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, out int flushEvery, out ScheduledCall[] calls)
    {
        flushEvery = 0;
        calls = [];
        if (payload.Length < HeadSize || !CallCodec.TryDecodeCalls(payload[HeadSize..], out calls))
            return false;
        flushEvery = BinaryPrimitives.ReadInt32LittleEndian(payload);
        return true;
    }
}
