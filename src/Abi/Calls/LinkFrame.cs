using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>What a frame on the link between host and guest carries.</summary>
public enum LinkFrameKind : byte
{
    /// <summary>Guest to host, once, when it is ready: a <see cref="GuestHello"/> as text.</summary>
    Hello = 1,

    /// <summary>Host to guest: 4 bytes "flush after so many replies", then <see cref="CallCodec.EncodeCalls"/>.</summary>
    RunBatch = 2,

    /// <summary>Guest to host: <see cref="CallCodec.EncodeReplies"/> of the next replies of the batch, in order.</summary>
    Replies = 3,

    /// <summary>Guest to host: the batch is over; empty payload.</summary>
    BatchDone = 4,

    /// <summary>Guest to host: the agent itself failed; the payload is text. A bug of ours.</summary>
    AgentFault = 5,

    /// <summary>Host to guest: prepare for a snapshot (run a representative batch, clean up), then answer Hello again.</summary>
    WarmUp = 6,

    /// <summary>Host to guest: bring the machine back to how it was before the last batch.</summary>
    Tidy = 7,

    /// <summary>Guest to host: done; the payload is text that says what could not be brought back, empty when nothing.</summary>
    Tidied = 8,
}

/// <summary>
/// The frames of the link: 16 bytes of head, then the payload. The run number tells frames of this batch from leftovers of one that
/// was cut off by going back to a snapshot; the magic lets a reader find the next frame after such a cut.
/// </summary>
public static class LinkFrame
{
    public const int HeadSize = 16;
    public const int MaxPayload = 256 << 20;

    private static ReadOnlySpan<byte> Magic => "DmSi"u8;

    public static void WriteHead(Span<byte> head, LinkFrameKind kind, uint run, int length)
    {
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], run);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], length);
    }

    public static byte[] Build(LinkFrameKind kind, uint run, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeadSize + payload.Length];
        WriteHead(frame, kind, run, payload.Length);
        payload.CopyTo(frame.AsSpan(HeadSize));
        return frame;
    }

    /// <summary>Reads a head; false when these 16 bytes are none.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> head, out LinkFrameKind kind, out uint run, out int length)
    {
        kind = (LinkFrameKind)0;
        run = 0;
        length = 0;
        if (head.Length < HeadSize || !head.StartsWith(Magic))
            return false;
        kind = (LinkFrameKind)(byte)BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        run = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        length = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        return kind is >= LinkFrameKind.Hello and <= LinkFrameKind.Tidied && length is >= 0 and <= MaxPayload;
    }

    /// <summary>
    /// The next frame from a stream that reads with <paramref name="read"/> (0 is its end), skipping bytes that are none; null at the end.
    /// </summary>
    public static async ValueTask<(LinkFrameKind Kind, uint Run, byte[] Payload)?> ReadAsync(Func<Memory<byte>, ValueTask<int>> read)
    {
        byte[] head = new byte[HeadSize];
        int have = 0;
        while (true)
        {
            while (have < HeadSize)
            {
                int count = await read(head.AsMemory(have));
                if (count == 0)
                    return null;
                have += count;
            }
            if (TryReadHead(head, out var kind, out uint run, out int length))
            {
                byte[] payload = new byte[length];
                for (int got = 0; got < length;)
                {
                    int count = await read(payload.AsMemory(got));
                    if (count == 0)
                        return null;
                    got += count;
                }
                return (kind, run, payload);
            }
            head.AsSpan(1).CopyTo(head);
            have--;
        }
    }
}

/// <summary>What the guest says of itself when it is ready.</summary>
/// <param name="Release">uname -r.</param>
/// <param name="DmMajor">Device-mapper's block major there.</param>
public sealed record GuestHello(string Release, uint DmMajor)
{
    /// <summary>Every function of device-mapper's modules that is followed, as "module:function"; empty in a guest that follows none.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    public byte[] Encode() => System.Text.Encoding.UTF8.GetBytes($"{Release}\n{DmMajor}\n{string.Concat(Functions.Select(name => name + "\n"))}");

    public static bool TryDecode(ReadOnlySpan<byte> payload, out GuestHello? hello)
    {
        string[] lines = System.Text.Encoding.UTF8.GetString(payload).Split('\n');
        hello = lines.Length >= 2 && uint.TryParse(lines[1], out uint major)
            ? new GuestHello(lines[0], major) { Functions = [.. lines.Skip(2).Where(line => line.Length > 0)] } : null;
        return hello is not null;
    }
}
