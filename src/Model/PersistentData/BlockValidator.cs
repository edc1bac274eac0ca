using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// What makes a block one of its kind: struct dm_block_validator. All kinds begin alike: checksum in bytes 0-3, the block's own number
/// in bytes 8-15.
/// </summary>
/// <param name="name">As log lines name the kind.</param>
/// <param name="salt">What its checksum is mixed with.</param>
public abstract class BlockValidator(string name, uint salt)
{
    private const int ChecksumBytes = sizeof(uint);
    private const int LocationOffset = 8;

    public string Name { get; } = name;

    /// <summary>Just before a block goes to disk.</summary>
    public void PrepareForWrite(ulong location, byte[] data)
    {
        LittleEndian.WriteU64(data, LocationOffset, location);
        LittleEndian.WriteU32(data, 0, Checksum(data));
    }

    /// <summary>Just after a block came from disk: why it cannot be one of this kind, or None.</summary>
    public abstract Errno Check(ulong location, byte[] data, IMetadataLog log);

    protected uint Checksum(byte[] data) => Crc32c.Of(data.AsSpan(ChecksumBytes), salt);

    protected static uint StoredChecksum(byte[] data) => LittleEndian.ReadU32(data, 0);

    protected static ulong StoredLocation(byte[] data) => LittleEndian.ReadU64(data, LocationOffset);
}

/// <summary>A kind of block that holds nothing to check but place and checksum, with the words it complains in.</summary>
/// <param name="name">As log lines name the kind.</param>
/// <param name="salt">What its checksum is mixed with.</param>
/// <param name="function">The kernel function that checks it.</param>
/// <param name="complaint">What its log lines begin with.</param>
internal sealed class PlainBlockValidator(string name, uint salt, string function, string complaint)
    : BlockValidator(name, salt)
{
    private const string Module = "space map common";

    public override Errno Check(ulong location, byte[] data, IMetadataLog log)
    {
        if (StoredLocation(data) != location)
        {
            log.ErrLimited(function, 0, Module, $"{complaint}: blocknr {StoredLocation(data)} != wanted {location}");
            return Errno.ENOTBLK;
        }
        uint checksum = Checksum(data);
        if (checksum != StoredChecksum(data))
        {
            log.ErrLimited(function, 1, Module, $"{complaint}: csum {checksum} != wanted {StoredChecksum(data)}");
            return Errno.EILSEQ;
        }
        return Errno.None;
    }
}
