namespace DmSim.Abi;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, and anything else without ever throwing: after the first thing that cannot be,
/// <see cref="Failed"/> is set and every further read answers a default. What it allocates is bounded by a budget, so that a few
/// hostile bytes cannot name gigabytes of zeros.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes, long budgetBytes = ByteReader.DefaultBudgetBytes)
{
    public const int MaxNumberBytes = 10;

    /// <summary>Decoded bytes that one reader hands out at most; the largest ioctl reply is far smaller.</summary>
    public const long DefaultBudgetBytes = 256L << 20;

    private ReadOnlySpan<byte> _rest = bytes;
    private long _budgetBytes = budgetBytes;

    public bool Failed { get; private set; }

    /// <summary>Whether everything was read and was well formed.</summary>
    public readonly bool Complete => !Failed && _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public void Fail()
    {
        Failed = true;
        _rest = default;
    }

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            Fail();
            return 0;
        }
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public bool Bool()
    {
        byte value = Byte();
        if (value > 1)
            Fail();
        return value == 1;
    }

    public ulong Number()
    {
        ulong value = 0;
        for (int i = 0; i < MaxNumberBytes; i++)
        {
            byte next = Byte();
            if (i == MaxNumberBytes - 1 && next > 1)
                break;
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
                return value;
        }
        Fail();
        return 0;
    }

    public long Signed()
    {
        ulong value = Number();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    public uint U32()
    {
        ulong value = Number();
        if (value > uint.MaxValue)
            Fail();
        return Failed ? 0 : (uint)value;
    }

    /// <summary>A number from 0 to 2^31 - 1.</summary>
    public int Count()
    {
        ulong value = Number();
        if (value > int.MaxValue)
            Fail();
        return Failed ? 0 : (int)value;
    }

    public int I32()
    {
        long value = Signed();
        if (value is < int.MinValue or > int.MaxValue)
            Fail();
        return Failed ? 0 : (int)value;
    }

    /// <summary>The number of things that follow, each at least one byte long.</summary>
    public int ListCount()
    {
        int count = Count();
        if (count > _rest.Length)
            Fail();
        return Failed ? 0 : count;
    }

    public string Text()
    {
        int length = ListCount();
        if (length == 0)
            return "";
        Span<char> units = length <= 256 ? stackalloc char[length] : new char[length];
        foreach (ref char unit in units)
        {
            ulong value = Number();
            if (value > char.MaxValue)
                Fail();
            unit = Failed ? '\0' : (char)value;
        }
        return Failed ? "" : new string(units);
    }

    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            Fail();
            return default;
        }
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public byte[] Bytes()
    {
        int length = Count();
        if (Failed || length == 0)
            return [];
        if (length > _budgetBytes)
        {
            Fail();
            return [];
        }
        _budgetBytes -= length;
        byte[] bytes = new byte[length];
        int at = 0;
        while (at < length && !Failed)
        {
            int literal = Count();
            if (literal > length - at)
                Fail();
            if (Failed)
                break;
            Raw(literal).CopyTo(bytes.AsSpan(at));
            at += literal;
            if (Failed || at == length)
                break;
            int zeros = Count();
            // A pair that brings nothing would let a reader spin over a long run of them; no writer makes one.
            if (zeros == 0 || zeros > length - at)
                Fail();
            if (!Failed)
                at += zeros;
        }
        return Failed ? [] : bytes;
    }
}
