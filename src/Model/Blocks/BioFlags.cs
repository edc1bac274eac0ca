using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>Operations of a bio, with the kernel's numbers: odd ones go to the device (enum req_op, include/linux/blk_types.h).</summary>
public enum BioOp : byte
{
    Read = 0,
    Write = 1,

    /// <summary>Made by the flush machinery of a request queue only; a bio that flushes is a write with Preflush.</summary>
    Flush = 2,
    Discard = 3,
    SecureErase = 5,
    WriteZeroes = 9,
}

/// <summary>The flag bits of bi_opf (enum req_flag_bits, include/linux/blk_types.h, 6.1).</summary>
[Flags]
public enum BioFlags : uint
{
    None = 0,
    FailfastDev = 1 << 8,
    FailfastTransport = 1 << 9,
    FailfastDriver = 1 << 10,
    Sync = 1 << 11,
    Meta = 1 << 12,
    Prio = 1 << 13,
    NoMerge = 1 << 14,
    Idle = 1 << 15,
    Integrity = 1 << 16,
    Fua = 1 << 17,
    Preflush = 1 << 18,
    ReadAhead = 1 << 19,
    Background = 1 << 20,
    NoWait = 1 << 21,
    CgroupPunt = 1 << 22,
    Polled = 1 << 23,
    AllocCache = 1 << 24,
    Swap = 1 << 25,
    Driver = 1 << 26,

    /// <summary>On WriteZeroes: the range must stay allocated.</summary>
    NoUnmap = 1 << 27,
}

public static class BioOps
{
    /// <summary>
    /// The flags as the kernel numbers them: the last has moved on by four with <see cref="KernelRule.PolledRequests"/>, and by one more
    /// with <see cref="KernelRule.AtomicWrites"/>. That of caches is back by one where it is set, as that for cgroups is gone (6.5).
    /// </summary>
    public static uint KernelBits(this BioFlags flags, KernelProfile profile)
    {
        uint bits = (uint)(flags & ~(BioFlags.NoUnmap | BioFlags.AllocCache)) | (uint)(flags & BioFlags.AllocCache) >> 1;
        if ((flags & BioFlags.NoUnmap) == 0)
            return bits;
        return bits | (uint)BioFlags.NoUnmap << (profile.Has(KernelRule.AtomicWrites) ? 1 : 0) >> (profile.Has(KernelRule.PolledRequests) ? 0 : 4);
    }

    /// <summary>op_is_write: whether the operation changes the device.</summary>
    public static bool IsWrite(this BioOp op) => ((int)op & 1) != 0;

    /// <summary>blk_op_str: the name in log lines.</summary>
    public static string KernelName(this BioOp op) => op switch
    {
        BioOp.Read => "READ",
        BioOp.Write => "WRITE",
        BioOp.Flush => "FLUSH",
        BioOp.Discard => "DISCARD",
        BioOp.SecureErase => "SECURE_ERASE",
        BioOp.WriteZeroes => "WRITE_ZEROES",
        _ => "UNKNOWN",
    };
}
