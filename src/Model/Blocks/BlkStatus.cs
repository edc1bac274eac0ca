using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>How a bio ended (blk_status_t, include/linux/blk_types.h). The zoned ones are left out.</summary>
public enum BlkStatus : byte
{
    Ok,
    NotSupp,
    TimeOut,
    NoSpc,
    Transport,
    Target,
    Nexus,
    Medium,
    Protection,
    Resource,
    IoErr,

    /// <summary>Inside device-mapper only: the bio goes back to its deferred list.</summary>
    DmRequeue,
    Again,
    DevResource,
    OffLine,
}

/// <summary>The table blk_errors of block/blk-core.c (6.1): a status, its errno, and its words in log lines.</summary>
public static class BlkStatuses
{
    private static readonly (Errno Errno, string Words)[] Rows =
    [
        (Errno.None, ""),
        (Errno.EOPNOTSUPP, "operation not supported"),
        (Errno.ETIMEDOUT, "timeout"),
        (Errno.ENOSPC, "critical space allocation"),
        (Errno.ENOLINK, "recoverable transport"),
        (Errno.EREMOTEIO, "critical target"),
        (Errno.EBADE, "critical nexus"),
        (Errno.ENODATA, "critical medium"),
        (Errno.EILSEQ, "protection"),
        (Errno.ENOMEM, "kernel resource"),
        (Errno.EIO, "I/O"),
        (Errno.EREMCHG, "dm internal retry"),
        (Errno.EAGAIN, "nonblocking retry"),
        (Errno.EBUSY, "device resource"),
        (Errno.ENODEV, "device offline"),
    ];

    /// <summary>blk_status_to_errno.</summary>
    public static Errno ToErrno(this BlkStatus status) => Rows[(int)status].Errno;

    /// <summary>blk_status_to_str.</summary>
    public static string ToWords(this BlkStatus status) => Rows[(int)status].Words;

    /// <summary>errno_to_blk_status: an I/O error for what has no status of its own.</summary>
    public static BlkStatus FromErrno(Errno errno)
    {
        int row = Array.FindIndex(Rows, r => r.Errno == errno);
        return row < 0 ? BlkStatus.IoErr : (BlkStatus)row;
    }
}
