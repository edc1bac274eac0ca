using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <summary>Block 0 of the metadata: struct thin_disk_superblock (dm-thin-metadata.c, 6.1).</summary>
internal readonly struct ThinSuperblock(byte[] block)
{
    public const ulong Location = 0;
    public const ulong ExpectedMagic = 27022010;
    public const uint ExpectedVersion = 2;

    /// <summary>THIN_METADATA_NEEDS_CHECK_FLAG.</summary>
    public const uint NeedsCheckFlag = 1;

    /// <summary>SPACE_MAP_ROOT_SIZE: room for the root of a space map, of which 32 bytes are used.</summary>
    public const int SpaceMapRootBytes = 128;

    public uint Flags
    {
        get => U32(4);
        set => SetU32(4, value);
    }

    public ulong Magic
    {
        get => U64(32);
        set => SetU64(32, value);
    }

    public uint Version
    {
        set => SetU32(40, value);
    }

    public uint Time
    {
        get => U32(44);
        set => SetU32(44, value);
    }

    public ulong TransactionId
    {
        get => U64(48);
        set => SetU64(48, value);
    }

    public ulong HeldRoot
    {
        get => U64(56);
        set => SetU64(56, value);
    }

    public Span<byte> DataSpaceMapRoot => block.AsSpan(64, SpaceMapRootBytes);

    public Span<byte> MetadataSpaceMapRoot => block.AsSpan(192, SpaceMapRootBytes);

    public ulong DataMappingRoot
    {
        get => U64(320);
        set => SetU64(320, value);
    }

    public ulong DeviceDetailsRoot
    {
        get => U64(328);
        set => SetU64(328, value);
    }

    /// <summary>In sectors.</summary>
    public uint DataBlockSizeSectors
    {
        get => U32(336);
        set => SetU32(336, value);
    }

    /// <summary>In sectors.</summary>
    public uint MetadataBlockSizeSectors
    {
        set => SetU32(340, value);
    }

    public ulong MetadataBlockCount
    {
        set => SetU64(344, value);
    }

    public uint CompatReadOnlyFlags => U32(356);

    public uint IncompatFlags => U32(360);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(offset));

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(offset));

    private void SetU32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(offset), value);

    private void SetU64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(offset), value);
}

/// <summary>What makes a block a superblock (sb_check).</summary>
internal sealed class ThinSuperblockValidator() : BlockValidator("superblock", 160774)
{
    public static readonly ThinSuperblockValidator Instance = new();

    public override Errno Check(ulong location, byte[] data, IMetadataLog log)
    {
        var super = new ThinSuperblock(data);
        if (StoredLocation(data) != location)
        {
            log.Err(PoolMetadata.Module, $"sb_check failed: blocknr {StoredLocation(data)}: wanted {location}");
            return Errno.ENOTBLK;
        }
        if (super.Magic != ThinSuperblock.ExpectedMagic)
        {
            log.Err(PoolMetadata.Module, $"sb_check failed: magic {super.Magic}: wanted {ThinSuperblock.ExpectedMagic}");
            return Errno.EILSEQ;
        }
        uint checksum = Checksum(data);
        if (checksum != StoredChecksum(data))
        {
            log.Err(PoolMetadata.Module, $"sb_check failed: csum {checksum}: wanted {StoredChecksum(data)}");
            return Errno.EILSEQ;
        }
        return Errno.None;
    }
}
