using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.Ioctl;

/// <summary>
/// The kernel's copy of one request, on which a command works and which is copied back when it succeeds. Bytes that nobody
/// writes go back as they came: that is part of the interface.
/// </summary>
internal sealed class ControlCall
{
    private const int InitialCapacity = 16 * 1024;

    private byte[] _bytes = new byte[InitialCapacity];

    /// <summary>The command as the caller numbered it (_IOC_NR).</summary>
    public uint Command { get; set; }

    /// <summary>Of the kernel's release: <see cref="Profiles.KernelRule.ResultBufferInsideRequest"/>.</summary>
    public required bool ResultsInsideRequest { get; init; }

    /// <summary>The call answers a number above zero: it has not failed, but its reply is not copied back (ctl_ioctl).</summary>
    public bool NothingGoesBack { get; set; }

    /// <summary>Bytes that were copied in: the request's data_size, or the bare header for commands without payload.</summary>
    public int ParamSize { get; private set; }

    public DmIoctl Header => new(_bytes);

    public Span<byte> Param => _bytes.AsSpan(0, ParamSize);

    public DmFlags Flags
    {
        get => Header.Flags;
        set
        {
            var header = Header;
            header.Flags = value;
        }
    }

    public bool Has(DmFlags flag) => (Flags & flag) != 0;

    /// <summary>The name up to its zero byte; all 128 bytes where there is none (strnlen).</summary>
    public ReadOnlySpan<byte> Name => CStrings.Until0(Header.NameField);

    /// <summary>The uuid up to its zero byte.</summary>
    public ReadOnlySpan<byte> Uuid => CStrings.Until0(Header.UuidField);

    /// <summary>copy_from_user of a request that starts with <paramref name="user"/>.</summary>
    public void Load(ReadOnlySpan<byte> user, uint command)
    {
        Command = command;
        NothingGoesBack = false;
        ParamSize = user.Length;
        if (_bytes.Length < ParamSize)
            _bytes = new byte[ParamSize];
        user.CopyTo(_bytes);
    }

    /// <summary>
    /// get_result_buffer: where the reply's payload goes. Empty when the request's buffer ends before it; data_start then is
    /// that end, or behind it (<see cref="Profiles.KernelRule.ResultBufferInsideRequest"/>).
    /// </summary>
    public Span<byte> TakeResultBuffer()
    {
        var header = Header;
        int start = Math.Min(DmIoctl.Size, ParamSize);
        header.DataStart = (uint)(ResultsInsideRequest ? start : DmIoctl.Size);
        return _bytes.AsSpan(start, ParamSize - start);
    }

    /// <summary>Says how much goes back: the header and this much of the result buffer.</summary>
    public void SetResultLength(int length)
    {
        var header = Header;
        header.DataSize = checked(header.DataStart + (uint)length);
    }

    /// <summary>
    /// The zero-terminated string at data_start. False when that lies before the payload (or past the end), or when the string
    /// has no end (invalid_str).
    /// </summary>
    public bool TryGetPayloadString(int offset, out Span<byte> text)
    {
        text = default;
        uint start = Header.DataStart;
        if (start < DmIoctl.DataOffset || start >= ParamSize || start + offset >= ParamSize)
            return false;
        var rest = Param[((int)start + offset)..];
        int end = rest.IndexOf((byte)0);
        if (end < 0)
            return false;
        text = rest[..end];
        return true;
    }

    /// <summary>A 64-bit number of the payload, which the caller knows to be inside.</summary>
    public ulong GetPayloadU64() => BinaryPrimitives.ReadUInt64LittleEndian(Param[(int)Header.DataStart..]);
}
