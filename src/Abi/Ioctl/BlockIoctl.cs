namespace DmSim.Abi;

/// <summary>ioctl requests of block devices and of /dev/loop-control (include/uapi/linux/fs.h, loop.h, hdreg.h, 6.1).</summary>
public enum BlockIoctl : uint
{
    HDIO_GETGEO = 0x0301,
    BLKROSET = 0x125d,
    BLKROGET = 0x125e,
    BLKRRPART = 0x125f,
    BLKGETSIZE = 0x1260,
    BLKFLSBUF = 0x1261,
    BLKRASET = 0x1262,
    BLKRAGET = 0x1263,
    BLKFRASET = 0x1264,
    BLKFRAGET = 0x1265,
    BLKSECTGET = 0x1267,
    BLKSSZGET = 0x1268,
    BLKPG = 0x1269,
    BLKDISCARD = 0x1277,
    BLKIOMIN = 0x1278,
    BLKIOOPT = 0x1279,
    BLKALIGNOFF = 0x127a,
    BLKPBSZGET = 0x127b,
    BLKDISCARDZEROES = 0x127c,
    BLKSECDISCARD = 0x127d,
    BLKROTATIONAL = 0x127e,
    BLKZEROOUT = 0x127f,
    BLKBSZGET = 0x80081270,
    BLKBSZSET = 0x40081271,
    BLKGETSIZE64 = 0x80081272,
    BLKGETZONESZ = 0x80041284,
    BLKGETNRZONES = 0x80041285,
    BLKGETDISKSEQ = 0x80081280,

    LOOP_SET_FD = 0x4c00,
    LOOP_CLR_FD = 0x4c01,
    LOOP_SET_STATUS = 0x4c02,
    LOOP_GET_STATUS = 0x4c03,
    LOOP_SET_STATUS64 = 0x4c04,
    LOOP_GET_STATUS64 = 0x4c05,
    LOOP_CHANGE_FD = 0x4c06,
    LOOP_SET_CAPACITY = 0x4c07,
    LOOP_SET_DIRECT_IO = 0x4c08,
    LOOP_SET_BLOCK_SIZE = 0x4c09,
    LOOP_CONFIGURE = 0x4c0a,
    LOOP_CTL_ADD = 0x4c80,
    LOOP_CTL_REMOVE = 0x4c81,
    LOOP_CTL_GET_FREE = 0x4c82,
}

public static class BlockIoctls
{
    /// <summary>
    /// Bytes behind the argument that a request takes from user space and gives back. What is not here has no argument, or the
    /// argument is itself a number.
    /// </summary>
    public static (int In, int Out) ArgumentBytes(this BlockIoctl request) => request switch
    {
        BlockIoctl.HDIO_GETGEO => (0, 16),
        BlockIoctl.BLKROSET or BlockIoctl.BLKBSZSET => (4, 0),
        BlockIoctl.BLKROGET or BlockIoctl.BLKSSZGET or BlockIoctl.BLKIOMIN or BlockIoctl.BLKIOOPT or BlockIoctl.BLKALIGNOFF
            or BlockIoctl.BLKPBSZGET or BlockIoctl.BLKDISCARDZEROES or BlockIoctl.BLKBSZGET or BlockIoctl.BLKGETZONESZ
            or BlockIoctl.BLKGETNRZONES => (0, 4),
        BlockIoctl.BLKSECTGET or BlockIoctl.BLKROTATIONAL => (0, 2),
        BlockIoctl.BLKGETSIZE or BlockIoctl.BLKGETSIZE64 or BlockIoctl.BLKRAGET or BlockIoctl.BLKFRAGET
            or BlockIoctl.BLKGETDISKSEQ => (0, 8),
        BlockIoctl.BLKDISCARD or BlockIoctl.BLKSECDISCARD or BlockIoctl.BLKZEROOUT => (16, 0),
        BlockIoctl.BLKPG => (BlockPartition.ArgumentSize, 0),
        BlockIoctl.LOOP_SET_STATUS => (LoopInfo.OldSize, 0),
        BlockIoctl.LOOP_GET_STATUS => (0, LoopInfo.OldSize),
        BlockIoctl.LOOP_SET_STATUS64 => (LoopInfo.Size, 0),
        BlockIoctl.LOOP_GET_STATUS64 => (0, LoopInfo.Size),
        BlockIoctl.LOOP_CONFIGURE => (LoopInfo.ConfigSize, 0),
        _ => (0, 0),
    };
}

/// <summary>
/// BLKPG: struct blkpg_ioctl_arg, whose data points to a struct blkpg_partition: start, length (bytes), number (include/uapi/linux/blkpg.h).
/// </summary>
public static class BlockPartition
{
    public const int BLKPG_ADD_PARTITION = 1;
    public const int BLKPG_DEL_PARTITION = 2;
    public const int BLKPG_RESIZE_PARTITION = 3;

    public const int ArgumentSize = 24;
    public const int DataOffset = 16;
    public const int Size = 152;
}

/// <summary>struct loop_info64, its older sister, and struct loop_config around it (include/uapi/linux/loop.h).</summary>
public static class LoopInfo
{
    public const int Size = 232;
    public const int OldSize = 168;
    public const int ConfigSize = 304;

    public const int DeviceOffset = 0;
    public const int InodeOffset = 8;
    public const int RdeviceOffset = 16;
    public const int OffsetOffset = 24;
    public const int SizelimitOffset = 32;
    public const int NumberOffset = 40;
    public const int EncryptTypeOffset = 44;
    public const int EncryptKeySizeOffset = 48;
    public const int FlagsOffset = 52;
    public const int FileNameOffset = 56;

    public const int OldDeviceOffset = 8;
    public const int OldInodeOffset = 16;
    public const int OldRdeviceOffset = 24;
    public const int OldOffsetOffset = 32;
    public const int OldFlagsOffset = 44;
    public const int OldNameOffset = 48;

    public const int ConfigFdOffset = 0;
    public const int ConfigBlockSizeOffset = 4;
    public const int ConfigInfoOffset = 8;

    public const int LO_NAME_SIZE = 64;
    public const int LO_KEY_SIZE = 32;

    public const uint LO_FLAGS_READ_ONLY = 1;
    public const uint LO_FLAGS_AUTOCLEAR = 4;
    public const uint LO_FLAGS_PARTSCAN = 8;
    public const uint LO_FLAGS_DIRECT_IO = 16;

    public const uint LO_CRYPT_NONE = 0;
    public const uint LO_CRYPT_XOR = 1;
    public const uint LO_CRYPT_CRYPTOAPI = 18;
}
