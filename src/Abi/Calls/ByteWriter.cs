namespace DmSim.Abi;

/// <summary>
/// The small vocabulary of DmSim's binary forms (the link into the guest, traces): variable-length numbers, strings, and bytes
/// in which long runs of zeros cost nothing. <see cref="ByteReader"/> is its reverse.
/// </summary>
public sealed class ByteWriter
{
    /// <summary>Shorter runs of zeros stay in the literal: the two lengths that end it cost as much.</summary>
    internal const int MinZeroRun = 6;

    private byte[] _bytes;

    public ByteWriter(int capacity = 256) => _bytes = new byte[Math.Max(capacity, 16)];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    public void Clear() => Length = 0;

    public void Byte(byte value) => Grow(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>Seven bits a byte, lowest first, the top bit meaning that more follow.</summary>
    public void Number(ulong value)
    {
        var room = Grow(ByteReader.MaxNumberBytes);
        int count = 0;
        while (value >= 0x80)
        {
            room[count++] = (byte)(0x80 | (value & 0x7f));
            value >>= 7;
        }
        room[count++] = (byte)value;
        Length -= ByteReader.MaxNumberBytes - count;
    }

    /// <summary>A number of either sign; small magnitudes are short (zigzag).</summary>
    public void Signed(long value) => Number(unchecked((ulong)(value << 1) ^ (ulong)(value >> 63)));

    /// <summary>Any string, unpaired surrogates too: its UTF-16 units as numbers. ASCII costs a byte a character.</summary>
    public void Text(string text)
    {
        Number((ulong)text.Length);
        foreach (char unit in text)
            Number(unit);
    }

    /// <summary>Bytes as they are, without a length.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Grow(bytes.Length));

    /// <summary>
    /// A length, then in turn a literal (count, bytes) and a run of zeros (count) until the length is reached. An ioctl buffer of
    /// 16 KiB with 40 bytes in use takes about 50.
    /// </summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number((ulong)bytes.Length);
        while (!bytes.IsEmpty)
        {
            int literal = LiteralLength(bytes);
            Number((ulong)literal);
            Raw(bytes[..literal]);
            bytes = bytes[literal..];
            if (bytes.IsEmpty)
                break;
            int zeros = ZeroRun(bytes);
            Number((ulong)zeros);
            bytes = bytes[zeros..];
        }
    }

    private static int LiteralLength(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (true)
        {
            int next = bytes[at..].IndexOf((byte)0);
            if (next < 0)
                return bytes.Length;
            at += next;
            int run = ZeroRun(bytes[at..]);
            if (run >= MinZeroRun)
                return at;
            at += run;
            if (at == bytes.Length)
                return at;
        }
    }

    private static int ZeroRun(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOfAnyExcept((byte)0);
        return end < 0 ? bytes.Length : end;
    }

    private Span<byte> Grow(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(checked(_bytes.Length * 2), checked(Length + count)));
        var room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
