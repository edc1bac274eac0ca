using System.Buffers.Binary;

namespace DmSim.Abi;

/// <summary>
/// A view of the 312 bytes of struct dm_ioctl at the head of every request and reply, read and written in place.
/// Offsets and sizes are those of x86-64 (include/uapi/linux/dm-ioctl.h); the tests check them with a C compiler.
/// The span must hold at least <see cref="Size"/> bytes.
/// </summary>
public readonly ref struct DmIoctl
{
    public const int Size = 312;

    public const int VersionOffset = 0;
    public const int DataSizeOffset = 12;
    public const int DataStartOffset = 16;
    public const int TargetCountOffset = 20;
    public const int OpenCountOffset = 24;
    public const int FlagsOffset = 28;
    public const int EventNrOffset = 32;
    public const int PaddingOffset = 36;
    public const int DevOffset = 40;
    public const int NameOffset = 48;
    public const int UuidOffset = 176;
    public const int DataOffset = 305;

    public const int DM_NAME_LEN = 128;
    public const int DM_UUID_LEN = 129;
    public const int DM_MAX_TYPE_NAME = 16;

    private readonly Span<byte> _bytes;

    public DmIoctl(Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, Size);
        _bytes = bytes;
    }

    public Span<byte> Bytes => _bytes;

    public uint VersionMajor { get => U32(VersionOffset); set => U32(VersionOffset, value); }
    public uint VersionMinor { get => U32(VersionOffset + 4); set => U32(VersionOffset + 4, value); }
    public uint VersionPatch { get => U32(VersionOffset + 8); set => U32(VersionOffset + 8, value); }

    /// <summary>Bytes of the whole buffer, header included.</summary>
    public uint DataSize { get => U32(DataSizeOffset); set => U32(DataSizeOffset, value); }

    /// <summary>Bytes from the start of the buffer to the payload.</summary>
    public uint DataStart { get => U32(DataStartOffset); set => U32(DataStartOffset, value); }

    public uint TargetCount { get => U32(TargetCountOffset); set => U32(TargetCountOffset, value); }

    public int OpenCount
    {
        get => BinaryPrimitives.ReadInt32LittleEndian(_bytes[OpenCountOffset..]);
        set => BinaryPrimitives.WriteInt32LittleEndian(_bytes[OpenCountOffset..], value);
    }

    public DmFlags Flags { get => (DmFlags)U32(FlagsOffset); set => U32(FlagsOffset, (uint)value); }
    public uint EventNr { get => U32(EventNrOffset); set => U32(EventNrOffset, value); }

    /// <summary>Encoded device number, see <see cref="DeviceNumber.Decode"/>.</summary>
    public ulong Dev
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[DevOffset..]);
        set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes[DevOffset..], value);
    }

    /// <summary>The 128 bytes of the name field, not necessarily terminated.</summary>
    public Span<byte> NameField => _bytes.Slice(NameOffset, DM_NAME_LEN);

    /// <summary>The 129 bytes of the uuid field, not necessarily terminated.</summary>
    public Span<byte> UuidField => _bytes.Slice(UuidOffset, DM_UUID_LEN);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
    private void U32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes[offset..], value);
}
